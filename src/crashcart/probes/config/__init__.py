"""Looks at settings files: what they say, and where two of them differ."""
