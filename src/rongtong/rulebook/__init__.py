"""Rulebook owns every threshold of law and practice: dated, cited parameters, their history, and what needs legal review.

It imports core; it publishes `facade`, `contracts` and the list of rules by date (`api`). A domain adds its rules as
a TOML file in `data/`; rows are never changed: a newer row supersedes an older one.
"""
