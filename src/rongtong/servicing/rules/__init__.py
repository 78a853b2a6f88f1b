"""The mathematics of servicing: pure functions of a schedule and its events."""
