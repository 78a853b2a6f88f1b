"""Sources owns the way data comes in: the canonical shape of each kind, connectors that pull or are pushed to, file readers.

It checks no consent and stores nothing: only records may call it, and records asks consent first. It imports core;
it publishes `contracts` (shapes), `files` (invoice files), `formats` (parsers) and `connectors` (HTTP).
"""
