"""Past starts held against what was measured since."""
