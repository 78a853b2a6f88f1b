"""Reads of parties."""
