"""Bank entries that could not be booked: the lender sees all of them and settles each, the operator sees who has which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from rongtong.core.clock import china_date, now
from rongtong.core.tenancy import as_platform
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import ExceptionReason

from .conftest import JOB, World

PAGE = "/portfolio/entries"


def bring(world: World, rows: list[tuple[str, int, date]]) -> None:
    lines = "".join(f"{key},贷,{minor // 100}.{minor % 100:02d},{day},无,柜面还款\n" for key, minor, day in rows)
    content = f"流水号,借贷标志,金额,记账日期,指令编号,摘要\n{lines}".encode()
    with as_platform():
        servicing.import_statement(lender_id=world.lender.id, content=content, actor=JOB, at=now())


@pytest.fixture
def many(world: World) -> Iterator[int]:
    """Two pages and a bit of entries that name no order."""
    bring(world, [(f"UNB-{number:03d}", 100 + number, china_date(now())) for number in range(43)])
    yield 43
    with as_platform():
        for one in servicing.unbooked_page(lender_id=world.lender.id).items:
            servicing.resolve_entry(unbooked_id=one.id, note="退回", actor=JOB, at=now())


class TestUnbookedEntries:
    def test_are_all_there_with_their_total(self, world: World, many: int) -> None:
        found: set[str] = set()
        for number in (1, 2, 3):
            text = world.page("funder", f"{PAGE}?page={number}").content.decode()
            found |= set(re.findall(r"UNB-\d{3}", text))
            assert f"共 {many} 条" in text
        assert len(found) == many
        assert f"{many}笔待处理" in world.page("funder", "/portfolio").content.decode()

    def test_are_found_by_reference_and_reason(self, world: World, many: int) -> None:
        text = world.page("funder", f"{PAGE}?q=unb-041").content.decode()
        assert set(re.findall(r"UNB-\d{3}", text)) == {"UNB-041"}
        assert "UNB-" not in world.page("funder", f"{PAGE}?reason=reversal").content.decode()

    def test_show_the_operator_whose_they_are_and_nothing_to_press(self, world: World, many: int) -> None:
        text = world.page("operator", f"{PAGE}?q=UNB-041").content.decode()
        assert world.lender.name in text
        assert 'name="note"' not in text

    def test_the_oldest_is_settled_with_a_note(self, world: World, many: int) -> None:
        entry = self.oldest(world)
        world.browsers["funder"].post(f"{PAGE}/{entry}", {"note": "已原路退回"})
        text = world.page("funder", f"{PAGE}?view=settled&q=UNB-000").content.decode()
        assert "已原路退回" in text

    def test_one_is_booked_on_the_loan_whose_number_is_given(self, world: World) -> None:
        with as_platform():
            loan = servicing.loan(loan_id=world.loan_id)
            paid = len(servicing.repayments(loan_id=loan.id))
        due = loan.next_due_date
        assert due is not None
        bring(world, [("PGBOOK", 100, china_date(now()))])
        browser: Any = world.browsers["funder"]
        with as_platform():
            (one,) = servicing.unbooked_page(lender_id=world.lender.id, text="PGBOOK").items
        assert (one.reason, one.bookable) == (ExceptionReason.UNMATCHED, True)
        refused = browser.post(f"{PAGE}/{one.id}", {"note": "柜面", "loan": "无此编号"}, follow=True).content.decode()
        assert "无此编号" in refused
        answer = browser.post(f"{PAGE}/{one.id}", {"note": "柜面", "loan": loan.number}, follow=True).content.decode()
        booked = due <= china_date(now())
        assert ("已在贷款上入账" if booked else "超出该笔贷款当前应还") in answer
        with as_platform():
            assert len(servicing.repayments(loan_id=loan.id)) == paid + booked
            if not booked:
                servicing.resolve_entry(unbooked_id=one.id, note="退回", actor=JOB, at=now())

    def oldest(self, world: World) -> str:
        with as_platform():
            found = servicing.unbooked_page(lender_id=world.lender.id, text="UNB-000")
        return str(found.items[0].id)
