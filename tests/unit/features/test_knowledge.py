"""Unknown is unknown: what was not asked, did not answer, or is too old, is never a clean record."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rongtong.features.contracts import SourceState
from rongtong.features.definitions.catalogue import catalogue
from rongtong.features.rules.knowledge import UNKNOWN, features_of, source_state

AS_OF = date(2026, 6, 30)


def state(
    item: str = "tax", *, asked: int | None = None, last: int | None = None, permitted: bool = True, **more: bool
):
    """Days before the as-of date, or None."""
    return source_state(
        item,
        asked=None if asked is None else AS_OF - timedelta(days=asked),
        last=None if last is None else AS_OF - timedelta(days=last),
        permitted=permitted,
        as_of=AS_OF,
        answer_days=31,
        silence_days=62,
        evaluated=more.get("evaluated", False),
    )


class TestASource:
    def test_is_known_when_it_answered_lately_even_with_nothing(self) -> None:
        assert state("courts", asked=31) is SourceState.KNOWN
        assert state("courts", asked=32) is SourceState.MISSING

    def test_is_missing_without_authorisation_whatever_is_held(self) -> None:
        assert state(asked=0, last=0, permitted=False) is SourceState.MISSING

    def test_is_stale_when_it_fell_silent(self) -> None:
        assert state("courts", asked=200, last=100) is SourceState.STALE
        assert state("tax", asked=90, last=80) is SourceState.STALE

    @pytest.mark.parametrize(("item", "known"), [("bank_flows", True), ("courts", False), ("registration", False)])
    def test_that_sends_by_itself_is_known_by_what_it_sent_but_never_by_silence(self, item: str, known: bool) -> None:
        assert (state(item, last=10) is SourceState.KNOWN) is known

    def test_that_nobody_could_ask_is_an_assumption_in_an_evaluation_alone(self) -> None:
        assert state("courts", permitted=False, evaluated=True) is SourceState.ASSUMED
        assert state("courts", permitted=False) is SourceState.MISSING
        assert state("courts", asked=90, evaluated=True) is SourceState.MISSING
        assert state("invoices", last=700, evaluated=True) is SourceState.KNOWN


class TestAFeature:
    def test_is_unknown_with_any_of_its_sources(self) -> None:
        states = dict.fromkeys(("tax", "bank_flows"), SourceState.KNOWN) | {"invoices": SourceState.MISSING}
        found = features_of(states, catalogue(), UNKNOWN)
        assert {"tax_sales_gap", "bnk_in_invoice_ratio", "inv_sales_12m_fen", "crt_dishonest"} <= set(found)
        assert not {"tax_grade_points", "bnk_avg_balance_fen"} & set(found)
