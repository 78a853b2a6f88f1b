"""Adapters of the rulebook: the packaged files."""
