"""The reads of the ledger."""
