"""Consent owns what a firm has authorised: who may read which items, for which purpose, over which span, until when.

It is asked at each read and answers for many firms at once; every access and every refusal is kept. Authorisations never
change: a revocation is a row of its own, a wider purpose is a new version. It imports attest, parties, rulebook and
core; it publishes `facade`, `contracts` and the firm's own view of its authorisations (`api`).
"""
