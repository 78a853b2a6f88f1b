"""Parties owns who takes part: organisations and their identifiers, institutions' licences, people, roles, memberships.

It imports rulebook and core; it publishes `facade` and `contracts`.
"""
