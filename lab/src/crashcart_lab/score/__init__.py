"""The score: every fault on every seed, diagnosed from outside, judged by the key, with its controls."""
