"""Rongtong 融通: the platform on which small firms get financed, from consent to early warning."""

__version__ = "0.1.0"
