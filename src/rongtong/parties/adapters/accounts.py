"""How the login library fits the house: closed sign-up, a word to those who should log in with two factors."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP
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


_ATTACKED = {"app": "rongtong", "action": "failed", "config": {"failed": "60/h/key"}}
"""How often an account may be tried in vain, from everywhere, before each address gets fewer attempts."""
_SLOWED = {"app": "rongtong", "action": "slowed", "config": {"slowed": "1/5m/key"}}


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

    def get_client_ip(self, request: HttpRequest) -> str:
        """The sender as the web edge settled it: a proxy's word only where the proxy is trusted."""
        return str(request.META.get("REMOTE_ADDR") or "unknown")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """An account as it is tried from one address."""
        return f"{ratelimit.get_ip(request)}:{_login_of(credentials)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse an address that failed too often, at all or with this account.

        An account that many addresses try at once is not locked: each of them gets fewer attempts.
        """
        super().pre_authenticate(request, **credentials)
        attacked = ratelimit.consume(request, **_ATTACKED, key=_login_of(credentials), dry_run=True) is None
        own = self._get_login_attempts_cache_key(request, **credentials)
        if attacked and not ratelimit.consume(request, **_SLOWED, key=own):
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        ratelimit.consume(request, **_ATTACKED, key=_login_of(credentials))


def _login_of(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username", "")).lower()[:150]


class ActivateTotpForm(ActivateTOTPForm):  # type: ignore[misc]  # the library has no types
    """Set up one-time codes: the code that proves the device is used up by that, too."""

    def clean_code(self) -> str:
        code = str(super().clean_code())
        TOTP(Authenticator(user=self.user))._mark_code_used(code)
        return code


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """Second factors are kept encrypted, by a key derived from the installation's secret."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"rongtong.parties.mfa")
    return Fernet(urlsafe_b64encode(derive.derive(settings.SECRET_KEY.encode())))
