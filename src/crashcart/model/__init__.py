"""The nouns of the house: frozen, checked once at the edge, without I/O. See `docs/glossary.md`."""
