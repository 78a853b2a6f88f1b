"""Writes of matching, one verb a file."""
