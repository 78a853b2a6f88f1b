"""The writes of the ledger, one verb a file."""
