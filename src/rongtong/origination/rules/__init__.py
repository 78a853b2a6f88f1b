"""Pure rules of origination: the form, the decision, the contract's content, working days, loan codes."""
