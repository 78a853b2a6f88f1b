"""The reference of records names what the code knows."""

from __future__ import annotations

import re
from pathlib import Path

from rongtong.records.contracts import ITEMS
from rongtong.records.rules import checks

REFERENCE = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "records.md").read_text()


class TestReference:
    def test_names_every_reason_of_refusal(self) -> None:
        named = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", (checks.__doc__ or "").partition("Codes:")[2]))
        listed = set(re.findall(r"`([a-z_]+)`", REFERENCE.partition("## Reasons of refusal")[2]))
        assert named <= listed

    def test_names_every_kind(self) -> None:
        assert set(ITEMS) <= set(re.findall(r"^\| ([a-z_]+) \|", REFERENCE, re.MULTILINE))
