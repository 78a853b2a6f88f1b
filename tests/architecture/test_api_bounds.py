"""Every amount, rate, count, day and text that the API takes has bounds, as its own description tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


def document() -> dict[str, Any]:
    from rongtong.config.api import api

    described: dict[str, Any] = api.get_openapi_schema()
    return described


def loose(document: dict[str, Any], schema: dict[str, Any], path: str, above: tuple[str, ...] = ()) -> Iterator[str]:
    """The fields under a schema that may hold anything of their type."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in above:
            yield from loose(document, document["components"]["schemas"][name], path, (*above, name))
        return
    branches = [branch for key in ("anyOf", "oneOf", "allOf") for branch in schema.get(key, ())]
    decimal = any(
        branch.get("type") == "number" and {"maximum", "exclusiveMaximum"} & set(branch) for branch in branches
    )
    for branch in branches:
        if not (decimal and branch.get("type") == "string"):  # a Decimal written as text
            yield from loose(document, branch, path, above)
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        for name, one in schema.get("properties", {}).items():
            yield from loose(document, one, f"{path}.{name}", above)
    elif kind == "array":
        if "maxItems" not in schema:
            yield f"{path}: array"
        yield from loose(document, schema.get("items", {}), f"{path}[]", above)
    elif kind in {"integer", "number"}:
        if not ({"minimum", "exclusiveMinimum"} & set(schema) and {"maximum", "exclusiveMaximum"} & set(schema)):
            yield f"{path}: {kind}"
    elif kind == "string" and not {"enum", "const"} & set(schema):
        form = schema.get("format")
        if form in {"date", "date-time"}:
            if "formatMinimum" not in schema:
                yield f"{path}: {form}"
        elif form not in {"uuid", "binary"} and "maxLength" not in schema:
            yield f"{path}: string"


class TestWhatTheApiTakes:
    def test_is_bounded_field_by_field(self) -> None:
        told = document()
        found = []
        for address, methods in told["paths"].items():
            for method, operation in methods.items():
                for content in operation.get("requestBody", {}).get("content", {}).values():
                    found += [f"{method} {address} {one}" for one in loose(told, content.get("schema", {}), "body")]
                for parameter in operation.get("parameters", ()):
                    if parameter["in"] == "query":
                        found += [
                            f"{method} {address} {one}" for one in loose(told, parameter["schema"], parameter["name"])
                        ]
        assert found == []

    @pytest.mark.parametrize(
        ("schema", "free"),
        [
            ({"type": "string"}, 1),
            ({"type": "string", "maxLength": 5}, 0),
            ({"type": "integer", "minimum": 0}, 1),
            ({"type": "array", "items": {"type": "string"}}, 2),
            ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, 1),
        ],
    )
    def test_is_seen_through_by_this_test(self, schema: dict[str, Any], free: int) -> None:
        assert len(list(loose({}, schema, "x"))) == free
