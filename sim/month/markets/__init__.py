"""One market a file: how wishes meet, in the order perceive, decide, clear, settle."""
