"""Runs one argument vector that the team's own guide writes out."""
