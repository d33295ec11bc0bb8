"""Looks at a queue that a Redis or Valkey server keeps."""
