"""The writes of origination, one verb a file."""
