"""Credit: the published scorecard, limits, prices, repayment schedules and annual cost, and how a score is validated.

Owns no table: facts in, figures out, each with the lines or points that add up to it.
Imports core and rulebook (every threshold is a dated row there). Publishes through `facade` and `contracts`.
"""
