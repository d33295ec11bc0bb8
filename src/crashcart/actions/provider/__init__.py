"""Goes easier on a provider, or to another one, by settings of ours."""
