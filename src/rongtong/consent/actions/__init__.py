"""Writes of consent, one verb a file. To ask is a write too: every answer is kept."""
