"""Features owns what is derived from records as of a date: the feature catalogue, the portrait of an enterprise, its history.

It imports records (by its facade), consent, attest, parties, rulebook and core; it publishes `facade` and `contracts`.
Feature values are floats; amounts inside are fen. No record dated after the as-of date is ever used.
"""
