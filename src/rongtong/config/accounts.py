"""The addresses under /accounts/: signing in and out, the password, the second factor.

Accounts are opened and recovered by people, so the library's pages for sign-up by e-mail and for e-mailed links do not
exist here; their names stay, because the library refers to them.
"""

from __future__ import annotations

from allauth.account import views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_safe

from rongtong.core.errors import NotFound


def absent(request: HttpRequest, **_parts: str) -> HttpResponse:
    """A page of the library that is not offered."""
    raise NotFound()


@require_safe
def forgotten(request: HttpRequest) -> HttpResponse:
    """Who sets a new password for somebody who forgot it."""
    return render(request, "account/password_reset.html")


urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/reset/", forgotten, name="account_reset_password"),
    path("2fa/", include("allauth.mfa.urls")),
    path("email/", absent, name="account_email"),
    path("confirm-email/", absent, name="account_email_verification_sent"),
    path("confirm-email/<str:key>/", absent, name="account_confirm_email"),
    path("password/set/", absent, name="account_set_password"),
    path("password/reset/done/", absent, name="account_reset_password_done"),
    path("password/reset/key/<str:uidb36>-<str:key>/", absent, name="account_reset_password_from_key"),
    path("password/reset/key/done/", absent, name="account_reset_password_from_key_done"),
    path("login/code/confirm/", absent, name="account_confirm_login_code"),
]
