"""Attest owns the transparency log: an append-only Merkle tree (RFC 9162) over each step of each financing.

A step names what was done and the digest of its evidence; the sequencer gives it a place in the tree and signs a
checkpoint; with the public key a stranger can check that a step is in the log and that nothing was rewritten.
It imports core; it publishes `facade`, `contracts`, `api`.
"""
