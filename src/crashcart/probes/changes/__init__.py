"""Looks at what has changed since all was well."""
