"""What agents can know, filled in before they decide."""
