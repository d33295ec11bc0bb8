"""Makes a call that the system file declares."""
