"""Results: records, tables, and the faces on runs and sweeps."""
