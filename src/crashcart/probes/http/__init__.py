"""Looks over HTTP: GET, HEAD and OPTIONS, nothing else."""
