"""The making of a region: firms, trade links, hidden health, and the records that follow from them, month by month."""
