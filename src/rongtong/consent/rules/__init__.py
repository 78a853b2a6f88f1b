"""Pure rules of consent: what an authorisation covers, how it stands, what its text says, who may sign."""
