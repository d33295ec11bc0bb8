"""Other programs on the same machine: clients of the same files, strangers to the service."""
