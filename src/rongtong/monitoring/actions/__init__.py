"""Writes of monitoring, one verb a file."""
