"""What runs leave: records, tables, results of runs and of sweeps."""
