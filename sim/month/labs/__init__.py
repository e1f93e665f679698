"""Research, releases, staff and entry of labs."""
