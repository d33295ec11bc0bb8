"""A summary without a provider: the weightiest sentences of the text itself.

The libraries take two seconds to load, so nobody imports this module before it is needed.
"""

from __future__ import annotations

import re

from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer  # type: ignore[import-untyped]
from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
from sumy.nlp.stemmers import Stemmer
from sumy.summarizers.luhn import LuhnSummarizer
from sumy.utils import get_stop_words

LANGUAGE = "english"
SENTENCES = 5
# Shorter ones are headings and cells of tables, longer ones are lists and code that lost their line ends.
WORDS = range(6, 61)
BEGINNING_CHARS = 600
ABBREVIATIONS = ("e.g", "i.e", "etc", "cf", "vs", "incl", "approx", "no", "fig", "ver")


def summary_of(text: str) -> str:
    """Return a few sentences of *text*, word for word and in its order.

    A text without a full sentence, such as one that puts no spaces between words, gives its beginning.
    """
    words = _Words()
    sentences = [Sentence(sentence, words) for sentence in _sentences(text)]
    if not sentences:
        return text.strip()[:BEGINNING_CHARS]
    # Luhn's way takes time in proportion to the text; those that compare sentences take its square.
    luhn = LuhnSummarizer(Stemmer(LANGUAGE))
    luhn.stop_words = get_stop_words(LANGUAGE)
    return " ".join(str(sentence) for sentence in luhn(ObjectDocumentModel([Paragraph(sentences)]), SENTENCES))


def _sentences(text: str) -> list[str]:
    # Untrained: the models that come trained would have to be downloaded.
    parameters = PunktParameters()
    parameters.abbrev_types.update(ABBREVIATIONS)
    punkt = PunktSentenceTokenizer(parameters)
    found = (sentence for line in text.splitlines() for sentence in punkt.tokenize(line.strip()))
    # The same sentence stands on many pages of a site; one of them is enough.
    return [sentence for sentence in dict.fromkeys(found) if len(sentence.split()) in WORDS]


class _Words:
    """Stands in for sumy's tokenizer, which wants a download."""

    def to_words(self, sentence: str) -> tuple[str, ...]:
        return tuple(re.findall(r"[^\W\d_][\w'-]*", sentence))
