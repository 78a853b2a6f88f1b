"""Parties owns who takes part: organisations and their identifiers, institutions' licences, people, roles, memberships.

Organisations, identifiers and licences are what public registers say and are seen by everybody; people, memberships,
keys and declarations of size belong to their organisation and are isolated by the database.
It imports rulebook and core; it publishes `facade` and `contracts`.
"""
