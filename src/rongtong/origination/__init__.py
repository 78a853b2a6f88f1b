"""Origination owns the way from an offer to a signed agreement: applications, decisions, objections, agreements, loan codes.

It imports matching, credit, features, consent, attest, parties, rulebook and core; it publishes `facade`, `contracts` and
`api`. A decision is the lender's: the automatic path applies the lender's published rules, its desk decides the rest, and
each decision keeps what it rests on, so that it can be explained, replayed to the same bytes, and objected to.
"""
