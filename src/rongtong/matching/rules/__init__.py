"""Pure rules of matching: facts and their wording, eligibility by bitmask, advice on near misses, ranking."""
