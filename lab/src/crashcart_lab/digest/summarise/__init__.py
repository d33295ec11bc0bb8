"""From pages to one summary: their text, the language-model provider, and what is done when it fails."""
