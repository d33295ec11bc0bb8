"""What may be done, in which order, after whose yes; risk and undo. Event in, command out; touches nothing."""
