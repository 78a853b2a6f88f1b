"""The server of the simulated sources and lender banks: a process of its own, without Django.

Run as `python -m rongtong.simulator.server --folder F --port P --token T`; it prints one JSON line once it answers.
"""
