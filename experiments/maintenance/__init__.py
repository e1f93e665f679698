"""What keeps the project: documents made by commands, and the benchmark."""
