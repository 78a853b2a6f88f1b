"""The two ways in which people act: by the forms that pages show, and by programs with their keys."""

from __future__ import annotations

import json
from itertools import count
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import html

from rongtong.core.actors import Actor, system_actor
from rongtong.core.clock import now
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role

_numbers = count()
JOB = system_actor("tests")


class Person:
    """Somebody of an organisation, with a browser whose requests are checked as real ones are, and with a key of their own."""

    def __init__(self, organisation_id: UUID, role: Role) -> None:
        name = f"person{next(_numbers)}"
        with as_platform():
            parties.create_user(
                username=name, password="correct horse 9", display_name="何晓兰",
                memberships=[(organisation_id, role)], actor=JOB, at=now(),
            )  # fmt: skip
            user = get_user_model().objects.get(username=name)
            right = Actor("user", str(user.pk), "何晓兰", organisation_id, person_id=str(user.pk))
            issued = parties.issue_api_key(
                organisation_id=organisation_id, name="key", role=role, actor=right, at=now()
            )
        self.user_id, self.role = str(user.pk), role
        self.browser = Client(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="zh-CN")
        self.browser.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        self.headers = {"Authorization": f"Bearer {issued.secret}"}

    def send(self, page: str, action: str = "", **given: Any) -> str:
        """Fill in and send the form of a page whose address is `action` (the page itself, where empty); where it led."""
        shown = self.browser.get(page)
        assert shown.status_code == 200, (page, shown.status_code)
        form = _form(shown.content.decode(), action, given)
        sent = {**_entered(form), **given}
        response = self.browser.post(action or page, sent)
        assert response.status_code == 302, response.content.decode()
        return str(response["Location"])

    def call(self, path: str, body: Any = None, *, method: str = "post") -> Any:
        """Call the API with the key; what it answers."""
        raw = isinstance(body, bytes)
        response = getattr(Client(enforce_csrf_checks=True), method)(
            f"/api/{path}",
            body if raw else json.dumps(body),
            content_type="application/xml" if raw else "application/json",
            headers={**self.headers, "Idempotency-Key": f"way{next(_numbers)}"},
        )
        assert response.status_code < 300, response.content.decode()
        return response.json() if response.content else None


def file_of(content: bytes, name: str = "bank.xml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/xml")


def _form(page: str, action: str, given: dict[str, Any]) -> Any:
    """The form, which has every field that is to be filled in."""
    forms = [one for one in html.fromstring(page).forms if one.method == "POST" and (one.action or "") == action]
    named = [one for one in forms if set(given) <= {field.name for field in one.xpath(".//*[@name]")} | _buttons(one)]
    assert named, f"no form for {action or 'the page itself'} with {sorted(given)}"
    return named[0]


def _buttons(form: Any) -> set[str]:
    return set(form.xpath(".//button/@name"))


def _entered(form: Any) -> dict[str, str]:
    """What stands in the form as it is shown."""
    return {name: value for name, value in form.form_values() if isinstance(value, str)}
