"""Real services that really fail: the ground that Crashcart is proved on."""
