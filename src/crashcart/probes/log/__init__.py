"""Looks at log files: a plain scanner over the last minutes."""
