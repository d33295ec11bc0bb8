"""Looks at open file descriptors and their limits."""
