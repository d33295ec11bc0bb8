"""Ends a process of the target, or lets a stopped one go on."""
