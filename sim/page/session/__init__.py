"""The runs of one page, and what is done to them."""
