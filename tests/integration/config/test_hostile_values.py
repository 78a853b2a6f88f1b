"""Each field of each request is sent what it cannot hold: a problem document names it, and nothing ever fails on it."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from rongtong.config.api import api
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform
from tests.integration.config.test_edge_rules import firm, owner  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db
OF_NUMBERS: list[Any] = [
    "abc", -5, 10**40, "１２", "1万", "1e9", "NaN", "Infinity", "<b>1</b>", "😀", "9" * 10_000, [1], {"a": 1}, "0x10", 1.5e300,
]  # fmt: skip
OF_DAYS: list[Any] = [
    "2062-01-01",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "昨天",
    "２０２６-01-01",
    -1,
    "9" * 10_000,
    [1],
]
OF_TEXTS: list[Any] = ["9" * 10_000, 5, [1], {"a": 1}, True]
OF_CHOICES: list[Any] = ["<b>x</b>", "", 5, [1], "9" * 10_000]


def described() -> list[tuple[str, str, dict[str, Any]]]:
    """(method, address, schema of the body) of each operation that takes JSON."""
    document = api.get_openapi_schema()
    found = []
    for address, methods in document["paths"].items():
        for method, operation in methods.items():
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            if schema:
                found.append((method, address, resolved(document, schema)))
    return found


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return resolved(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "properties" in schema:
        return {**schema, "properties": {name: resolved(document, one) for name, one in schema["properties"].items()}}
    if "anyOf" in schema:
        branches = [resolved(document, one) for one in schema["anyOf"]]
        return next((one for one in branches if one.get("type") != "null"), schema)
    if "items" in schema:
        return {**schema, "items": resolved(document, schema["items"])}
    return schema


def sample(schema: dict[str, Any]) -> Any:
    """Something of the documented form."""
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind, form = schema.get("type"), schema.get("format")
    if kind == "object" or "properties" in schema:
        return {name: sample(one) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema["items"])]
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    if form == "date":
        return "2026-01-01"
    if form == "date-time":
        return "2026-12-01T00:00:00Z"
    return "x" * max(1, schema.get("minLength", 1))


def hostile(schema: dict[str, Any]) -> list[Any]:
    if "enum" in schema or "const" in schema:
        return OF_CHOICES
    if schema.get("type") in {"integer", "number"}:
        return OF_NUMBERS
    if schema.get("type") == "string":
        return OF_DAYS if schema.get("format") in {"date", "date-time"} else OF_TEXTS
    return []


def places(schema: dict[str, Any], path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    if "properties" in schema:
        return [found for name, one in schema["properties"].items() for found in places(one, (*path, name))]
    if schema.get("type") == "array":
        return places(schema["items"], (*path, 0))
    return [(path, schema)]


def changed(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(body))
    here = copy
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return copy


OPERATIONS = described()


class TestEachRequest:
    @pytest.mark.parametrize(
        ("method", "address", "schema"),
        OPERATIONS,
        ids=[f"{method} {address}" for method, address, _schema in OPERATIONS],
    )
    def test_is_refused_field_by_field(
        self,
        owner: Client,  # noqa: F811  # a fixture
        method: str,
        address: str,
        schema: dict[str, Any],
    ) -> None:
        body, failed = sample(schema), []
        before = audits()
        for path, one in places(schema):
            for value in hostile(one):
                answer = owner.generic(
                    method.upper(),
                    address.replace("{", "").replace("}", ""),
                    json.dumps(changed(body, path, value)),
                    content_type="application/json",
                    headers={"Idempotency-Key": uuid4().hex, "Accept-Language": "zh-CN"},
                )
                told = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
                fine = 400 <= answer.status_code < 500 and bool(told.get("code")) and str(told["title"])[:1] >= "\u4e00"
                if not fine:
                    failed.append((path, str(value)[:30], answer.status_code, answer.content[:120]))
        assert failed == []
        assert audits() == before, "something was done"


def audits() -> int:
    with as_platform():
        return AuditEntry.objects.exclude(action__startswith="consent.refused").count()
