"""Known log text: which signature stands in which line."""
