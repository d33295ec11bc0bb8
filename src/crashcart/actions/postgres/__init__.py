"""Repairs of a PostgreSQL database by named statements."""
