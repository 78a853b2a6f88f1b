"""Writes of parties, one verb a file."""
