"""Sensitivity, discovery and calibration."""
