"""Writes of the rulebook."""
