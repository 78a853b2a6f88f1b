"""Requests that are refused before they are whole: answered without a thread, a session or the database."""

from __future__ import annotations

import io
import json
from typing import IO, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from rongtong.config.problems import problem
from rongtong.core.errors import RongtongError


def answer_refused(environ: dict[str, Any], error: RongtongError) -> tuple[int, list[tuple[bytes, bytes]], IO[bytes]]:
    """Status, headers and content: a problem document under /api/, else a page. The connection ends with it."""
    with translation.override(_language(environ)):
        if environ["PATH_INFO"].startswith("/api/"):
            kind = "application/problem+json"
            text = json.dumps(problem(error), ensure_ascii=False, default=str)
        else:
            kind = "text/html; charset=utf-8"
            language = translation.get_language() or settings.LANGUAGE_CODE
            text = render_to_string("refused.html", {"error": error, "status": error.status, "language": language})
    content = text.encode()
    headers = {
        "content-type": kind,
        "content-length": str(len(content)),
        "cache-control": "no-store",
        "connection": "close",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    }
    if error.status == 503:
        headers["retry-after"] = "2"
    return error.status, [(name.encode(), value.encode()) for name, value in headers.items()], io.BytesIO(content)


def _language(environ: dict[str, Any]) -> str:
    """The language of the visitor's cookie, else of the browser's wish, else ours."""
    cookies = dict(part.strip().partition("=")[::2] for part in environ.get("HTTP_COOKIE", "").split(";"))
    named = [cookies.get(settings.LANGUAGE_COOKIE_NAME, "")]
    named += [part.split(";")[0].strip() for part in environ.get("HTTP_ACCEPT_LANGUAGE", "")[:200].split(",")]
    for one in named:
        if one.lower().startswith("en"):
            return "en"
        if one.lower().startswith("zh"):
            return "zh-hans"
    return str(settings.LANGUAGE_CODE)
