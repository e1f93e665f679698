"""The market core written several ways, on the same inputs."""
