"""The reads of servicing."""
