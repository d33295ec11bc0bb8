"""Looks at one setting, in the env file or in the environment of the running process."""
