"""What is asked of a system beside a diagnosis: is it healthy, and what has changed."""
