"""Reading the guides of other teams: what can go wrong, how it shows, what helps; pure, linear, and it never runs anything."""

from crashcart.guides.foreign.lexicon import DEFAULT, Lexicon
from crashcart.guides.foreign.nouns import ForeignGuide
from crashcart.guides.foreign.reader import read

__all__ = ["DEFAULT", "ForeignGuide", "Lexicon", "read"]
