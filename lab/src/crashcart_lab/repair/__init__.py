"""Repairs: every fault with the fix that the guides know, wrong fixes on purpose, and fixes that must fail."""
