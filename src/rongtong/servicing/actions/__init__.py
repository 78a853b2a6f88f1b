"""The writes of servicing, one verb a file."""
