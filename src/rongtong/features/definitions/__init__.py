"""Feature definitions as ibis expressions: one module per source, over canonical record tables, no ORM, no execution.

Each module publishes `FEATURES` (the catalogue entries), `features(subjects, tables)` (one row per subject) and `ROWS`
(which records stand behind each feature). The same expressions compile for DuckDB and for Spark.
"""
