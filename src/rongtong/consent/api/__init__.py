"""Authorisations and accesses over HTTP: parse, call, render."""

from rongtong.consent.api.routes import router

__all__ = ["router"]
