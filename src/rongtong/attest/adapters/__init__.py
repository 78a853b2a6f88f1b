"""What attest reaches outside the database: the signing key, and the rows of other domains as evidence."""
