"""Matching: loan products of licensed lenders, who may have them, in which order, with the capacity behind each offer.

Owns products (versioned), capacity pools, reservations, matches and offers. Nobody can pay for a rank: commission is no
input here. Imports credit, features, attest, parties, rulebook and core; publishes through `facade`, `contracts`, `api`.
"""
