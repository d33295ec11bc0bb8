"""Digest: turns a documentation site into a summary, with the help of a language-model provider."""

VERSION = "1.0.0"
