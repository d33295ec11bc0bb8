"""Looks at memory: that of the target, and that of the machine."""
