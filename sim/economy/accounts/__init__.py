"""The ledger, postings, and what goods are rounded to."""
