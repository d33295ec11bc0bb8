"""Looks at a SQLite file that others are using, and leaves nothing beside it."""
