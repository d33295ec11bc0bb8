"""Starts, stops and restarts what a supervisor keeps running."""
