"""Records owns what was observed: landed source rows in Iceberg tables, their provenance, quality and quarantine.

A landed row never changes; a correction is a new version; each read asks consent. It imports consent, sources,
parties and core; it publishes `facade`, `contracts` and `api`.
"""
