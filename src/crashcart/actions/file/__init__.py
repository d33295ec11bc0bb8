"""Permissions of the target's files, and space by deleting what the system file gives up."""
