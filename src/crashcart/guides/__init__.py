"""From a Markdown guide to checks on a real system: compile, show, bind, judge. Pure: texts in, nouns out."""
