"""The loop that runs a plan: the machine decides, hands touch, the journal remembers."""
