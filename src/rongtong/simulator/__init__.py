"""The simulator owns a generated region of firms whose hidden health is known, the eight sources and lender banks of it.

It imports core only; it publishes `facade` and `contracts`, and its server (`python -m rongtong.simulator.server`).
The formats served stand in docs/reference/simulated-sources.md. Nothing here is real, and everything served says so.
"""
