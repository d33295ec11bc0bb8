"""Finding the parts of a system that nobody has described yet: facts are gathered first, then parts decided from them."""
