"""The reads of the log: tree, steps, proofs, verification."""
