"""What holds for every page: no inline style or script, the strict policy, escaped names, few queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

SEEN = {
    "owner": ["/overview", "/portrait", "/consents", "/consents/new", "/offers", "/offers/{off}", "/offers/{off}/apply",
              "/applications/{app}", "/loans/{loan}", "/agreements/{agr}"],
    "funder": ["/desk", "/cases/{app}", "/cases/{waiting}", "/products", "/portfolio", "/portfolio/entries"],
    "operator": ["/today", "/health", "/data/{bat}", "/warnings/{tsk}", "/institutions/{org}", "/enterprises/{ent}"],
    "regulator": ["/supervision", "/decisions", "/decisions/{dec}", "/accesses", "/rulebook", "/evidence?subject={app}", "/classes"],
}  # fmt: skip
LISTS = {
    "owner": {"/applications": 14, "/loans": 16, "/consents": 20},
    "funder": {"/desk": 20, "/cases": 14, "/portfolio": 24, "/portfolio/entries": 14, "/warnings": 14},
    "operator": {"/data": 14, "/enterprises": 16, "/warnings": 14},
    "regulator": {"/decisions": 18, "/accesses": 16, "/rulebook": 14},
}


class Page(HTMLParser):
    """Collects what a strict policy or a reader with a screen reader would trip over."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.labels: set[str] = set()
        self.controls: list[dict[str, str | None]] = []
        self.ids: list[str] = []
        self.headings: list[str] = []
        self.landmarks: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in known):
            self.inline.append(tag)
        self.inline += [f"{tag} {name}" for name in known if name == "style" or name.startswith("on")]
        if tag == "label":
            self.labels.add(known.get("for") or "")
        if tag in {"input", "select", "textarea"} and known.get("type") not in {"hidden", "submit"}:
            self.controls.append(known)
        if tag in {"h1", "main", "nav", "header", "footer"}:
            self.landmarks.add(tag)
        if known.get("id") and tag not in {"clipPath", "clippath", "path", "g"}:
            self.ids.append(known["id"] or "")


def read(response: Any) -> Page:
    page = Page()
    page.feed(response.content.decode())
    return page


def pages(world: Any, ids: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for role, paths in SEEN.items():
        for path in paths:
            yield f"{role} {path}", world.page(role, path.format(**ids))


class TestEveryPage:
    def test_keeps_the_rules(self, world: Any, ids: dict[str, str]) -> None:
        problems = []
        for name, response in pages(world, ids):
            page = read(response)
            text = response.content.decode()
            problems += [f"{name}: inline {one}" for one in page.inline]
            problems += [f"{name}: no {one}" for one in {"h1", "main", "nav", "header", "footer"} - page.landmarks]
            problems += [
                f"{name}: no label for {one}"
                for one in page.controls
                if one.get("id") not in page.labels and not one.get("aria-label")
            ]
            problems += [f"{name}: id {one} twice" for one in {one for one in page.ids if page.ids.count(one) > 1}]
            if "<script>alert" in text:
                problems.append(f"{name}: a name came out as markup")
            if re.search(r"\{[{%]|None</", text):
                problems.append(f"{name}: a template showed through")
        assert problems == []

    def test_has_the_strict_policy(self, world: Any, ids: dict[str, str]) -> None:
        for name, response in pages(world, ids):
            policy = response["Content-Security-Policy"]
            assert "unsafe" not in policy, name
            assert "script-src 'self'" in policy, name
            assert "style-src 'self'" in policy, name
            assert "frame-ancestors 'none'" in policy, name

    def test_writes_a_hostile_name_as_text(self, world: Any) -> None:
        text = world.page("operator", "/enterprises").content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;有限公司" in text


class TestLists:
    def test_take_few_queries_however_long_they_are(self, world: Any) -> None:
        over = []
        for role, caps in LISTS.items():
            for path, most in caps.items():
                world.page(role, path)
                with CaptureQueriesContext(connection) as queries:
                    assert world.page(role, path).status_code == 200
                told = [one for one in queries.captured_queries if "set_config" not in one["sql"]]
                if len(told) > most:
                    over.append((role, path, len(told), most))
        assert over == []

    def test_bear_nonsense_in_the_address(self, world: Any) -> None:
        for query in (
            "?page=0",
            "?page=-1",
            "?page=x",
            "?page=99999999999",
            "?q=%27%3B--",
            "?export=exe",
            "?state=x",
            "?on=2026-99-99",
        ):
            for role, paths in (
                ("regulator", ("/rulebook", "/decisions", "/accesses")),
                ("funder", ("/cases", "/warnings")),
            ):
                for path in paths:
                    assert world.page(role, path + query).status_code == 200, path + query
                    assert world.page(role, path + "?sort=%00").status_code == 400
