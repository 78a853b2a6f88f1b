"""How the login library fits the house: closed sign-up, a word to those who should log in with two factors."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from rongtong.core.tenancy import as_platform
from rongtong.parties import models
from rongtong.parties.contracts import Role

GUARDED = frozenset({Role.FUNDER, Role.OPERATOR, Role.REGULATOR})
"""Roles that see other people's business, and so should show a second factor (等保 2.0: administrators log in with two)."""


def has_second_factor(user_id: UUID) -> bool:
    """Whether a person logs in with a one-time code (TOTP, RFC 6238)."""
    return bool(Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists())


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Accounts are opened by an operator or with an invitation, not by whoever passes by."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        """Remind those in a guarded role of the second factor; nobody is kept out for the lack of it."""
        with as_platform():
            roles = models.Membership.objects.filter(user_id=user.pk, ended_at__isnull=True)
            guarded = roles.filter(role__in=GUARDED).exists()
        if guarded and not has_second_factor(user.pk):
            messages.warning(
                request, _("Please set up one-time codes for your account: your role sees other firms' data.")
            )
        response: HttpResponse = super().post_login(request, user, **more)
        return response


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """Second factors are kept encrypted, by a key derived from the installation's secret."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"rongtong.parties.mfa")
    return Fernet(urlsafe_b64encode(derive.derive(settings.SECRET_KEY.encode())))
