"""The API does what its description says: whatever is asked of an operation, by whichever role, the answer is described.

Inputs are made up from the description by schemathesis; where it asks for the id of a thing, one is given that is there
about half of the time, so that what lies behind the checks of form is reached, too.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rongtong.config.api import api
from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from tests.integration.portals.conftest import numbers, undone

EXAMPLES = 8
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROLES = ("owner", "newcomer", "funder", "operator", "regulator")
PREFIXES = {
    "enterprise": ("ent",), "organisation": ("org",), "institution": ("org",), "lender": ("org",), "grantee": ("org",),
    "application": ("app",), "agreement": ("agr",), "consent": ("cns",), "prior": ("cns",), "loan": ("loan",),
    "facility": ("fac",), "offer": ("off",), "match": ("mat",), "portrait": ("prt",), "product": ("prd",),
    "proposal": ("prp",), "objection": ("obj",), "task": ("tsk",), "batch": ("bat",), "key": ("key",),
    "mandate": ("mnd",), "account": ("acc",), "subject": ("app", "loan", "cns", "agr"),
}  # fmt: skip
"""Of which kinds the id is that a field asks for."""
_ID = re.compile(r"\b([a-z]{2,4})_[0-9a-z]{26}\b")

DOCUMENT = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/")))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
SCHEMA.app = WSGIHandler()

OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}


@pytest.fixture
def one_connection(keys: dict[str, str], known: dict[str, list[str]]) -> Iterator[None]:
    """Requests look at the market from within its transaction, so their end must not close the connection."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def keys(market: Any) -> dict[str, str]:
    """A key for each role."""
    found = {}
    with as_platform():
        for role in ROLES:
            seat = {"newcomer": Role.OWNER}.get(role) or Role(role)
            organisation = {
                "owner": market.firm, "newcomer": market.newcomer, "funder": market.lender,
                "operator": parties.platform(), "regulator": parties.regulator(),
            }[role]  # fmt: skip
            found[role] = parties.issue_api_key(
                organisation_id=organisation.id, name="program", role=seat, actor=system_actor("tests"), at=now()
            ).secret
    return found


@pytest.fixture(scope="module")
def known(market: Any, keys: dict[str, str]) -> dict[str, list[str]]:
    """The ids that the lists show, by their prefix."""
    seen: dict[str, set[str]] = defaultdict(set)
    for role, key in keys.items():
        for path, methods in DOCUMENT["paths"].items():
            if "get" in methods and "{" not in path and "pdf" not in path:
                answer = Client().get(path, headers={"Authorization": f"Bearer {key}"})
                assert answer.status_code < 500, (role, path, answer.content)
                for one in _ID.finditer(answer.content.decode()):
                    seen[one[1]].add(one[0])
    for one in numbers(market).values():
        seen[one.partition("_")[0]].add(one)
    return {prefix: sorted(found) for prefix, found in seen.items()}


def filled(given_parts: Any, known: Mapping[str, list[str]], draw: Any) -> Any:
    """The same input with ids of things that are there."""
    if isinstance(given_parts, dict):
        return {name: _value(name, value, known, draw) for name, value in given_parts.items()}
    return given_parts


def _value(name: str, value: Any, known: Mapping[str, list[str]], draw: Any) -> Any:
    prefixes = PREFIXES.get(name.removesuffix("_id").removesuffix("s"), ())
    there = [one for prefix in prefixes for one in known.get(prefix, [])]
    if there and isinstance(value, str) and draw(st.booleans()):
        return draw(st.sampled_from(there))
    if there and isinstance(value, list) and value and isinstance(value[0], str):
        return [draw(st.sampled_from(there))]
    if isinstance(value, list):
        return [filled(one, known, draw) for one in value]
    return filled(value, known, draw)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_answers_as_it_is_described(label: str, keys: dict[str, str], known: dict[str, list[str]]) -> None:
    operation = OPERATIONS[label]

    @given(data=st.data())
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        case.path_parameters = filled(case.path_parameters, known, data.draw)
        case.query = filled(case.query, known, data.draw)
        case.body = filled(case.body, known, data.draw)
        role = data.draw(st.sampled_from(ROLES))
        with undone():
            answer = case.call(headers={"Authorization": f"Bearer {keys[role]}"})
        case.validate_response(answer, checks=CHECKS)

    ask()
