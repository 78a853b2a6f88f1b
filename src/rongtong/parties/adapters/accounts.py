"""How the login library fits the house."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Accounts are opened by an operator or with an invitation, not by whoever passes by."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
