"""Hands: each kind touches one thing, can show what it would change, tell whether it did, and put it back."""
