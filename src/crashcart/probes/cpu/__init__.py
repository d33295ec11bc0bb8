"""Looks at processor time: that of the target, and that of the machine."""
