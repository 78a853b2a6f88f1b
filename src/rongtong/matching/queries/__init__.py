"""Reads of matching: products in force, offers, capacity."""
