"""Ensembles and sweeps: designs, blocks, workers, folders."""
