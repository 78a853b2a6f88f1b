"""Adapters of consent: digests of the national suite."""
