"""The writes of the log, one verb a file."""
