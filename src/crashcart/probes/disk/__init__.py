"""Looks at the file system that a path lies on."""
