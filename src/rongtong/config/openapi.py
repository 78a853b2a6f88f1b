"""The API's own bounds on what is sent, and what its description says of every operation alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Router
from ninja.errors import ValidationError, ValidationErrorContext
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from rongtong.config.characters import unkeepable
from rongtong.config.malformed import told

WRITES = frozenset({"post", "put", "patch", "delete"})
_PROBLEM = {
    "title": "Problem",
    "description": "Why a request was not done (RFC 9457): `code` is stable, `title` follows the reader's language.",
    "type": "object",
    "required": ["type", "title", "status", "code", "kind", "facts"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "kind": {"type": "string", "enum": ["invalid", "forbidden", "not_found", "conflict", "unavailable"]},
        "facts": {"type": "object"},
    },
}
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 120},
    "description": "The same key and request again is answered as the first time and done once.",
}
_SCHEMES = {
    "apiKey": {"type": "http", "scheme": "bearer", "description": "A key of one's organisation."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "A login; writes also need the X-CSRFToken header.",
    },
}


class StrictParser(Parser):
    """JSON whose texts can be kept: no control characters and no half of a surrogate pair; no NaN."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(request.body, parse_constant=_refuse)
        _check(found)
        return found


def _refusals(method: str, operation: dict[str, Any]) -> list[str]:
    """The statuses by which an operation can refuse: what its inputs, its access and its kind let happen."""
    closed = operation.get("security") != [] and operation.get("security", True) is not None
    found = ["400", "404", "503"]
    found += ["401", "403"] if closed else []
    found += ["422"] if operation["parameters"] or "requestBody" in operation else []
    found += ["408", "409", "413"] if method in WRITES else []
    return sorted(found)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _check(found: object) -> None:
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and unkeepable(one):
            raise ValueError("a control character")


def return_lists(router: Router) -> None:
    """Let the operations of a router return the tuples of contracts: of a pair the library would take one half for a status."""
    for view in router.path_operations.values():
        for operation in view.operations:
            operation.view_func = _listed(operation.view_func)


def _listed(respond: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(respond)
    def listed(*args: Any, **kwargs: Any) -> Any:
        answer = respond(*args, **kwargs)
        return list(answer) if isinstance(answer, tuple) else answer

    return listed


class DescribedApi(NinjaAPI):
    """An API whose description names, for each operation, the problem document, the key of a write and who may call."""

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """What is wrong, without the names that our functions have for it."""
        found: list[dict[str, Any]] = []
        for one in error_contexts:
            source = str(one.model.__ninja_param_source__)
            found += told(
                one.model, source, one.pydantic_validation_error.errors(include_url=False, include_input=False)
            )
        return ValidationError(found)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        document["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
        document["components"]["securitySchemes"] = _SCHEMES
        document["security"] = [{name: []} for name in _SCHEMES]
        problem = {
            "description": "A problem document",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for methods in document["paths"].values():
            for method, operation in methods.items():
                answers = {str(status): answer for status, answer in operation["responses"].items()}
                refusals = dict.fromkeys(_refusals(method, operation), problem)
                operation["responses"] = refusals | answers
                if method in WRITES:
                    operation["parameters"] = [*operation["parameters"], _KEY]
        return document
