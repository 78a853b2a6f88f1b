"""Core owns what every domain needs and no domain is about: money, ids, clock, errors, actors, audit, outbox, jobs, tenancy.

It imports nothing of the project and knows no business noun.
"""
