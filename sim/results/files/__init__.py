"""Files of a results folder: tables, parts, manifest, crate."""
