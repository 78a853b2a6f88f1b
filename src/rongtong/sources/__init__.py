"""Sources owns the way data comes in: the canonical shape of each kind, file readers, parsers of messages, pulling over HTTP.

It checks no consent and stores nothing: only records may call it, and records asks consent first. It imports core;
it publishes `facade` and `contracts`.
"""
