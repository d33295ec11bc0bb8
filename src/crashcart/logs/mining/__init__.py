"""Mining: the templates of log messages, read off the lines themselves.

Forms, then shapes, then templates. A line is *folded* (`fold`), *masked* (`mask`) into its form, forms are *cut* into
words and gaps (`lex`), *clustered* (`merge`) and *rendered* (`render`). Counts are exact; memory is bounded (`caps`).
"""

from crashcart.logs.mining.caps import Caps
from crashcart.logs.mining.miner import Miner
from crashcart.logs.mining.template import Template

__all__ = ["Caps", "Miner", "Template"]
