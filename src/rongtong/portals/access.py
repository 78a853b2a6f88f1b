"""Who may open a page: a decorator names the roles; strangers are sent to login, others are refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import is_valid_path, reverse
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Forbidden
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Membership, Role
from rongtong.portals import kept

OWNERS = (Role.OWNER, Role.BOOKKEEPER)
"""Who sees a firm's pages; what either may do is another question, which `for_action` asks."""
View = Callable[..., HttpResponse]


class Visit(HttpRequest):
    """A request of a member: what `for_roles` lets through."""

    membership: Membership
    actor: Actor


class RoleMissing(Forbidden):
    """A page was opened by somebody whose present role does not include it."""

    code = "role_missing"
    message = _(
        "This page belongs to another role. Switch the organisation you act for, or sign in with another account."
    )


class MembershipMissing(Forbidden):
    """A person without a role in any organisation opened a page of a role."""

    code = "membership_missing"
    message = _("Your account is not yet a member of any organisation. Ask the platform operator to add it.")


def deed_only(view: View) -> View:
    """Let a view be reached by POST only; whoever opens its address (a reload, another language) sees the page it belongs to."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        above = request.path.rpartition("/")[0]
        return redirect(above if above and is_valid_path(above) else "portals:home")

    return guarded


def _back_to(request: HttpRequest) -> str:
    """Where to go on after signing in: to the page itself, or to what was sent and kept."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    return reverse("portals:kept") if kept.keep(request) else reverse("portals:home")


def for_roles(*roles: Role) -> Callable[[View], View]:
    """Let a page be opened by members with one of these roles; no roles named means any member."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(_back_to(request), reverse("account_login"))
            if request.membership is None:
                raise MembershipMissing()
            if roles and request.membership.role not in roles:
                raise RoleMissing(role=str(request.membership.role))
            request.actor = parties.actor_of_request(request)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def for_action(action: parties.Action) -> Callable[[View], View]:
    """Let a page be opened by members whose role may take its action, by the table that the API asks, too."""
    return for_roles(*parties.MAY[action])
