"""What every page knows: the theme, the places of the visitor's role, the visitor's organisations."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from rongtong.parties import facade as parties
from rongtong.portals.navigation import PLACES

THEME_COOKIE = "theme"
THEMES = ("auto", "light", "dark")


def site(request: HttpRequest) -> dict[str, Any]:
    """The variable `portal` (allauth uses the word `site` itself) of every template."""
    membership = getattr(request, "membership", None)
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    theme = theme if theme in THEMES else "auto"
    match = getattr(request, "resolver_match", None)
    here = match.url_name or "" if match is not None else ""
    places = PLACES.get(membership.role, ()) if membership is not None else ()
    return {
        "portal": {
            "demo": settings.DEMO,
            "theme": theme,
            "next_theme": THEMES[(THEMES.index(theme) + 1) % len(THEMES)],
            "membership": membership,
            "may": {one.value: parties.may(membership.role, one) for one in parties.Action} if membership else {},
            "memberships": SimpleLazyObject(lambda: _memberships(request)),
            "places": [(place.title, place.url, place.holds(here)) for place in places],
            "here": here,
            "demo_logins": SimpleLazyObject(_demo_logins),
        }
    }


def _memberships(request: HttpRequest) -> tuple[Any, ...]:
    user = getattr(request, "user", None)
    return tuple(parties.memberships_of(user.pk)) if user is not None and user.is_authenticated else ()


def _demo_logins() -> tuple[Any, ...]:
    if not settings.SHOW_LOGINS:
        return ()
    from rongtong.workflows import demo

    return tuple(demo.logins())
