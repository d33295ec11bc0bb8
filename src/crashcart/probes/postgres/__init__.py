"""Looks at a PostgreSQL database: who gets in, who waits for whom, what is there."""
