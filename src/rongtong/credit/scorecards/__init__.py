"""Scorecards and how scores are judged. Frames in, scores out: no tables here, and floats are allowed."""
