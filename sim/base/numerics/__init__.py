"""Kernels, draws and pipelines: the arithmetic of a month, the same bits everywhere."""
