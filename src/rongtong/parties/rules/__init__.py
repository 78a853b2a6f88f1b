"""Pure rules of parties: how identifiers check, how a firm is classed by size, how names are cleaned."""
