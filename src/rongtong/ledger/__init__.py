"""Ledger owns double entry: accounts, transfers and entries in whole fen, append-only, kept by the database itself.

It is a memorandum of what lenders and firms owe each other: each account belongs to a lender and concerns a firm, and
none can belong to the platform, which never holds money. It imports core; it publishes `facade` and `contracts`.
"""
