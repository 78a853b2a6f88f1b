"""Words and figures the region is drawn from: places, industries, names. Made up but for the official codes."""
