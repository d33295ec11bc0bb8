"""Nouns to text and JSON. Renders reasons, adds none; whatever came from outside cannot act on a terminal."""
