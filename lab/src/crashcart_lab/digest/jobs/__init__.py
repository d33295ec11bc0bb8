"""Running jobs: what one job does, and the two ways to have it done."""
