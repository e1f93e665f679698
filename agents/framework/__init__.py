"""The framework of all kinds of agents: columns, populations, relations, statements."""
