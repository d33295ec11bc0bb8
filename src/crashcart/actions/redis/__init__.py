"""Changes a setting of a running Redis or Valkey server."""
