"""Workflows owns journeys across domains: setting up the market, the closed loop, the close of business, alarm → freeze.

It imports every domain below and is the only home of feedback loops; it publishes functions for the command line,
the portals and the jobs.
"""
