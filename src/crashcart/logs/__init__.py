"""Logs: what a pass over log bytes finds. Engines only; files are opened elsewhere."""
