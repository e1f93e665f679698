"""What every kind of agent is made of: columns, populations, relations, statements."""
