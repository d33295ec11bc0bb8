"""The loops in which engines and hands meet."""
