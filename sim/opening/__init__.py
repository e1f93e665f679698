"""The economy on the eve of its first month, as a world describes it."""
