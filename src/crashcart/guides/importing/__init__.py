"""From a foreign guide to a draft in our language, with an account of every line; pure, and it never runs anything."""

from .draft import import_guide
from .merge import Change, Merged, merge
from .nouns import Became, Draft, Entry, Todo

__all__ = ["Became", "Change", "Draft", "Entry", "Merged", "Todo", "import_guide", "merge"]
