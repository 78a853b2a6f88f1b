"""Reads of origination: rows in, contracts out."""
