"""Before what cannot be undone, a page says what it will do; and evidence fits the checkpoint somebody kept."""

from __future__ import annotations

from typing import Any

import pytest

from rongtong.attest import facade as attest
from rongtong.core.clock import now
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.servicing import facade as servicing
from rongtong.servicing import models


@pytest.fixture
def line(world: Any) -> str:
    """The address of the firm's credit line, all of it still to draw."""
    with as_platform():
        facility = servicing.loan(loan_id=world.loan_id).facility_id
        models.Facility.objects.filter(pk=facility).update(used_minor=0)
    return f"/lines/{encode_id('fac', facility)}/draw"


class TestDrawing:
    def test_shows_cost_and_schedule_before_the_bank_is_instructed(self, world: Any, line: str) -> None:
        with as_platform():
            before = servicing.loans_of(enterprise_id=world.firm.id).total
        response = world.page("owner", f"{line}?amount=10")
        text = response.content.decode()
        assert "100,000.00元" in text
        assert "指令发出后无法撤回" in text
        assert len(response.context["schedule"]) == response.context["line"].term_months
        with as_platform():
            assert servicing.loans_of(enterprise_id=world.firm.id).total == before

    def test_refuses_more_than_the_line_has_left(self, world: Any, line: str) -> None:
        response = world.browsers["owner"].get(f"{line}?amount=999999", follow=True)
        (said,) = [str(one) for one in response.context["messages"]]
        assert said.startswith("该额度最多可提款")

    def test_bears_no_amount(self, world: Any, line: str) -> None:
        assert world.page("owner", line)["Location"] == "/loans"


class TestEvidenceFile:
    def test_proves_growth_from_the_checkpoint_somebody_kept(self, world: Any, ids: dict[str, str]) -> None:
        with as_platform():
            while attest.sequence(at=now()):
                pass
        kept = attest.latest_checkpoint()
        assert kept is not None
        found = world.page("regulator", f"/evidence/{ids['app']}?since={kept.tree_size}").json()
        assert found["earlier_checkpoint"] == kept.note
        assert world.page("regulator", f"/evidence/{ids['app']}?since=x").status_code == 200
