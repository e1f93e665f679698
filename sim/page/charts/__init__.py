"""Charts of metrics over months."""
