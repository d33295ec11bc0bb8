"""Changes one setting of a settings file."""
