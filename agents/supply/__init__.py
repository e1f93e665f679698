"""Chip fabs, data centers, and the regions and inputs they depend on."""
