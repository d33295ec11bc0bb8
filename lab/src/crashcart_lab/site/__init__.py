"""A small documentation site about a library that does not exist."""
