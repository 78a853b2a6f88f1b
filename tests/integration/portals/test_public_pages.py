"""The pages that everybody may open, and the switches that everybody may press."""

from __future__ import annotations

import re
from typing import Any

import pytest


@pytest.mark.django_db
class TestPublicPages:
    def test_open_for_everybody(self, client: Any) -> None:
        for path in ("/", "/authorise", "/check", "/accounts/login/", "/evidence/checkpoint"):
            assert client.get(path).status_code in {200, 404}, path

    def test_hide_the_gallery_outside_of_a_demonstration(self, client: Any, settings: Any) -> None:
        assert client.get("/gallery").status_code == 404
        settings.DEMO = True
        assert client.get("/gallery").status_code == 200

    def test_answer_unknown_addresses_with_a_page(self, client: Any) -> None:
        for path in ("/nothing", "/c/not-a-code", "/loans/x", "/consents/%00"):
            response = client.get(path)
            assert response.status_code in {302, 400, 404}
            assert b"Traceback" not in response.content


@pytest.mark.django_db
class TestPublicFace:
    def test_keeps_the_rules_too(self, client: Any) -> None:
        for path in ("/", "/authorise", "/check", "/accounts/login/", "/nowhere"):
            response = client.get(path)
            assert not re.search(r"<style|\sstyle=|<script(?![^>]*src=)|\son\w+=", response.content.decode()), path
            assert "unsafe" not in response["Content-Security-Policy"]

    def test_has_one_stylesheet_of_the_night_for_who_asks(self, client: Any) -> None:
        def dark(theme: str) -> list[str]:
            client.cookies["theme"] = theme
            return re.findall(r'<link[^>]*dark\.css"([^>]*)>', client.get("/").content.decode())

        assert dark("light") == []
        assert dark("dark") == [""]
        assert dark("auto") == [' media="(prefers-color-scheme: dark)"']
        assert dark("nonsense") == dark("auto")

    def test_keeps_the_theme_and_comes_back(self, client: Any) -> None:
        response = client.post("/theme", {"theme": "dark", "next": "/authorise"})
        assert response["Location"] == "/authorise"
        assert client.cookies["theme"].value == "dark"
        assert client.post("/theme", {"theme": "x", "next": "https://evil.example/"})["Location"] == "/"
