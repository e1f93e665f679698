"""A results folder made again and compared."""
