"""Reads of records. Rows of firms are read in `actions.read_records` alone, since each such read is itself kept."""
