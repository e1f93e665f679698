"""World files: agents, edges, initial values; written out or generated."""
