"""No push moves a figure: what a firm, a bank or anybody else states by themselves raises nothing and lowers nothing."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongtong.core.actors import Actor
from rongtong.core.errors import Forbidden
from rongtong.features.contracts import Portrait
from rongtong.parties import facade as parties
from rongtong.records import facade as records
from rongtong.records.contracts import SourceKind
from tests.integration.features.conftest import ACTOR, AT, World
from tests.integration.records.test_receive_push import invoices, statement

AS_OF = date(2026, 10, 31)
BUYER = "91440606722473344C"


def figures(portrait: Portrait) -> tuple[Any, ...]:
    return dict(portrait.values), portrait.unknown, [one.score for one in portrait.dimensions], dict(portrait.freshness)


def push(sender: Any, kind: str, payload: bytes) -> None:
    records.receive_push(kind=kind, payload=payload, actor=Actor("client", "key", "程序", sender.id), at=AT)


class TestAPush:
    @pytest.mark.parametrize("total", ["1000000.00", "0.01", "-900000.00"])
    def test_of_a_firm_s_own_invoices_moves_nothing(self, world: World, total: str) -> None:
        world.authorise()
        own = str(world.firm.identifier("uscc"))
        push(world.platform, "invoices", invoices((own, BUYER)))
        before = figures(world.build(AS_OF))
        burst = invoices(*[(own, BUYER)] * 6, *[(BUYER, own)] * 3, total=total)
        push(world.firm, "invoices", burst)
        after = world.build(AS_OF)
        assert figures(after) == before
        assert after.ranks["invoices"].get("own", 0) > 0

    def test_of_a_bank_that_nobody_confirmed_moves_nothing(self, world: World) -> None:
        world.authorise()
        before = figures(world.build(AS_OF))
        push(world.bank, "bank_flows", statement(str(world.firm.identifier("uscc"))))
        after = world.build(AS_OF)
        assert figures(after) == before
        assert after.ranks["bank_flows"] == {"claimed": 1}
        assert "bnk_inflow_12m_fen" in after.unknown

    def test_of_any_other_kind_is_refused_with_a_code(self, world: World) -> None:
        world.authorise()
        for sender in (world.firm, world.firms[1], world.bank):
            for kind in SourceKind:
                if (sender is not world.bank and kind is SourceKind.INVOICES) or (
                    sender is world.bank and kind is SourceKind.BANK_FLOWS
                ):
                    continue
                with pytest.raises(Forbidden) as refused:
                    push(sender, kind.value, b"{}")
                assert refused.value.code == "push_foreign"

    def test_of_the_confirmed_keeper_counts(self, world: World) -> None:
        world.authorise()
        records.name_account(
            enterprise_id=world.firm.id, institution_id=world.bank.id, account_number="6222", actor=ACTOR, at=AT
        )
        assert parties.platform().id == world.platform.id
        push(world.bank, "bank_flows", statement(str(world.firm.identifier("uscc"))))
        built = world.build(date(2026, 1, 31))
        assert built.ranks["bank_flows"] == {"keeper": 1}
        assert built.values["bnk_inflow_12m_fen"] is not None


class TestAnyPush:
    @settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        pushes=st.lists(
            st.tuples(
                st.sampled_from(["firm", "buyer", "bank"]),
                st.sampled_from(["invoices", "bank_flows"]),
                st.sampled_from(["sale", "purchase"]),
                st.sampled_from(["1000000.00", "0.01", "-900000.00"]),
                st.integers(1, 9),
            ),
            min_size=1,
            max_size=3,
        )
    )
    def test_by_firm_buyer_or_bank_moves_no_figure_that_a_limit_rests_on(self, world: World, pushes: list[Any]) -> None:
        """The buyer is a firm here too, which may be the seller's own: the two agreeing proves nothing."""
        if not getattr(world, "authorised", False):
            world.authorise()
            world.authorise(firm=1)
            world.authorised = True  # type: ignore[attr-defined]  # of this test
        own, buyer = (str(one.identifier("uscc")) for one in world.firms[:2])
        senders = {"firm": world.firm, "buyer": world.firms[1], "bank": world.bank}
        before = figures(world.build(AS_OF))
        for sender, kind, direction, total, count in pushes:
            pair = (own, buyer) if direction == "sale" else (buyer, own)
            payload = invoices(*[pair] * count, total=total) if kind == "invoices" else statement(own)
            with suppress(Forbidden):
                push(senders[sender], kind, payload)
        assert figures(world.build(AS_OF)) == before
