"""Looks at an HTTP API that somebody else runs, by its free path."""
