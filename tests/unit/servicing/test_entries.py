"""Which entry waits for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.servicing.contracts import ExceptionReason, InstructionKind, InstructionState
from rongtong.servicing.rules.entries import BOOKED, Days, Entry, Order, why_it_waits

DAY = date(2026, 5, 6)
DAYS = Days(last=DAY + timedelta(days=1), before_order=timedelta(days=31))
PAYOUT = Order(InstructionKind.DRAWDOWN, InstructionState.SENT, 90_000, DAY)
COLLECTION = Order(InstructionKind.COLLECTION, InstructionState.SENT, 90_000, DAY)
OUT = Entry(credit=False, amount_minor=90_000, currency="CNY", booked_date=DAY)
IN = Entry(credit=True, amount_minor=90_000, currency="CNY", booked_date=DAY)


class TestWhyItWaits:
    @pytest.mark.parametrize(("entry", "order"), [(OUT, PAYOUT), (IN, COLLECTION)])
    def test_what_fits_its_order_does_not(self, entry: Entry, order: Order) -> None:
        assert why_it_waits(entry, order, DAYS) is None

    @pytest.mark.parametrize(
        ("entry", "order", "reason"),
        [
            (IN, None, ExceptionReason.UNMATCHED),
            (IN, PAYOUT, ExceptionReason.RETURNED),
            (OUT, COLLECTION, ExceptionReason.RETURNED),
            (replace(IN, reversal=True), PAYOUT, ExceptionReason.RETURNED),
            (replace(IN, reversal=True), COLLECTION, ExceptionReason.REVERSAL),
            (replace(IN, reversal=True), None, ExceptionReason.REVERSAL),
            (replace(IN, currency="USD"), COLLECTION, ExceptionReason.WRONG_CURRENCY),
            (replace(IN, bundled=True), COLLECTION, ExceptionReason.BUNDLED),
            (replace(OUT, amount_minor=1), PAYOUT, ExceptionReason.AMOUNT_DIFFERS),
            (OUT, replace(PAYOUT, state=InstructionState.REJECTED), ExceptionReason.ORDER_REJECTED),
            (OUT, replace(PAYOUT, moved_minor=90_000), ExceptionReason.ORDER_EXCEEDED),
            (IN, replace(COLLECTION, moved_minor=1), ExceptionReason.ORDER_EXCEEDED),
            (replace(IN, booked_date=DAY + timedelta(days=2)), COLLECTION, ExceptionReason.DATE_UNLIKELY),
            (replace(IN, booked_date=DAY - timedelta(days=32)), COLLECTION, ExceptionReason.DATE_UNLIKELY),
        ],
    )
    def test_says_why(self, entry: Entry, order: Order | None, reason: ExceptionReason) -> None:
        assert why_it_waits(entry, order, DAYS) is reason

    def test_the_rest_of_an_order_may_follow_its_first_part(self) -> None:
        assert why_it_waits(replace(IN, amount_minor=60_000), replace(COLLECTION, moved_minor=30_000), DAYS) is None

    @given(
        st.text(max_size=8).filter(lambda word: word != BOOKED),
        st.booleans(),
        st.booleans(),
        st.sampled_from([None, PAYOUT, COLLECTION]),
    )
    def test_no_status_but_booked_is_ever_booked(
        self, status: str, credit: bool, reversal: bool, order: Order | None
    ) -> None:
        entry = Entry(credit, 90_000, "CNY", DAY, status, reversal)
        assert why_it_waits(entry, order, DAYS) is ExceptionReason.STATUS_UNKNOWN
