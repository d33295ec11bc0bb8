"""The hands that look: one folder a kind, with closed tables (`spec.py`), code (`look.py`) and a page (`doc.md`)."""
