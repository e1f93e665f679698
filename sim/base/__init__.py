"""Errors, checks, files, the calendar and number formats: what everything rests on."""
