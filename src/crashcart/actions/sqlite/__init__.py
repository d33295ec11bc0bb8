"""Repairs of a SQLite file that its own tools offer: no free statement ever."""
