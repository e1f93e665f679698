"""Drawbridge's experiments: the command line, and the questions that are asked of the world."""
