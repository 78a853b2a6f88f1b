"""Anticipated errors as answers: a problem document under /api/, a page elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from rongtong.core.errors import RongtongError


def problem_response(request: HttpRequest, error: RongtongError) -> HttpResponse:
    """The answer to an anticipated error (RFC 9457 problem JSON, or a page for people)."""
    if request.path.startswith("/api/"):
        return JsonResponse(
            problem(error),
            status=error.status,
            content_type="application/problem+json",
            json_dumps_params={"ensure_ascii": False, "default": str},
        )
    return render(request, "error.html", {"error": error, "status": error.status}, status=error.status)


def problem(error: RongtongError) -> dict[str, object]:
    """An error as a problem document."""
    return {
        "type": f"urn:rongtong:error:{error.code}",
        "title": str(error),
        "status": error.status,
        "code": error.code,
        "kind": error.kind,
        "facts": error.facts,
    }
