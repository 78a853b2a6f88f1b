"""What servicing speaks with: the lenders' banks, in ISO 20022 messages and CSV files."""
