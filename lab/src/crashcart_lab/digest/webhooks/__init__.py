"""Webhooks: what the service tells others when a job ends, and what others may ask of it."""
