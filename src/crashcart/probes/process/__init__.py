"""Looks at processes, and at who holds a file open."""
