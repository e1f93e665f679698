"""TOML files with line numbers: read, checked key by key, and written."""
