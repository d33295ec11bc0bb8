"""Looks at what the supervisor of a target says of it."""
