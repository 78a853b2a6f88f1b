"""One figure of what a firm owes or may come to owe, on everybody's pages, and a drawdown over its limit refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils.translation import override

from rongtong.core.clock import china_date, now
from rongtong.core.ids import encode_id, new_id
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Exposure
from rongtong.matching.models import FirmLimit
from rongtong.portals import wording
from rongtong.servicing.models import Facility, Instruction, Loan, Message


def exposure_of(firm_id: Any) -> Exposure:
    with as_platform():
        return next(iter(matching.exposure(enterprise_ids=[firm_id]).values()))


def written() -> tuple[int, ...]:
    """How much a drawdown would have left behind."""
    with as_platform():
        return (
            *(model.objects.count() for model in (Loan, Instruction, Message)),
            AuditEntry.objects.filter(action__startswith="drawdown.").count(),
        )


@pytest.fixture
def line(world: Any) -> Facility:
    """A credit line of which the firm has drawn nothing, while what it may owe has fallen to less than what it owes."""
    with as_platform():
        drawn = Facility.objects.get(enterprise_id=world.firm.id)
        FirmLimit.objects.create(
            enterprise_id=world.firm.id,
            measured_minor=1_000_000,
            as_of=china_date(now()),
            portrait_digest="",
            recorded_at=now(),
        )
        return Facility.objects.create(
            agreement_id=new_id(),
            agreement_number=f"RT-{new_id().hex[:12]}",
            enterprise_id=world.firm.id,
            lender_id=drawn.lender_id,
            limit_minor=10_000_000,
            annual_rate=drawn.annual_rate,
            penalty_rate=drawn.penalty_rate,
            repayment_method="revolving",
            term_months=12,
            revolving=True,
            account_bank="清江银行",
            account_number="6222020200112233445",
            start_date=china_date(now()),
            recorded_at=now(),
        )


class TestTheFigure:
    def test_is_the_same_on_the_pages_of_firm_lender_operator_and_regulator(self, world: Any) -> None:
        found = exposure_of(world.firm.id)
        assert found.total_minor > 0
        case = encode_id("app", world.application.id)
        pages = {
            "owner": ("/overview", "/offers"),
            "funder": (f"/cases/{case}",),
            "operator": ("/today",),
            "regulator": ("/supervision",),
        }
        with override("zh-hans"):
            total, limit = wording.amount_words(found.total_minor), wording.amount_words(found.limit_minor)
        for role, paths in pages.items():
            for path in paths:
                page = world.page(role, path).content.decode()
                assert total in page, (role, path, total)
                assert limit in page, (role, path, limit)

    def test_stands_in_the_desk_s_rows_with_what_is_not_known(self, world: Any) -> None:
        found = exposure_of(world.waiting.enterprise_id)
        page = world.page("funder", "/desk").content.decode()
        with override("zh-hans"):
            assert f"各机构合计{wording.amount_words(found.total_minor)}" in page
            assert f"上限{wording.amount_words(found.limit_minor)}" in page
        assert "平台外负债：未知" in page
        (row,) = world.page("funder", "/api/origination/queue").json()["items"]
        assert row["exposure_minor"] == found.total_minor
        assert row["exposure_limit_minor"] == found.limit_minor
        assert 0 < row["exposure_own_minor"] <= found.total_minor

    def test_is_the_same_over_the_api(self, world: Any) -> None:
        found = exposure_of(world.firm.id)
        for role in ("owner", "funder", "operator", "regulator"):
            told = world.page(role, f"/api/matching/exposure?enterprise={encode_id('ent', world.firm.id)}").json()
            assert (told["total_minor"], told["limit_minor"]) == (found.total_minor, found.limit_minor), role


class TestADrawdownOverTheLimit:
    def test_is_neither_previewed_nor_made_by_page(self, world: Any, line: Facility) -> None:
        before, place = written(), f"/lines/{encode_id('fac', line.id)}/draw"
        preview = world.browsers["owner"].get(place, {"amount": "5"}, follow=True)
        assert preview.redirect_chain
        assert "融资上限" in "".join(map(str, preview.context["messages"]))
        made = world.browsers["owner"].post(place, {"amount": "5", "once": "0" * 32}, follow=True)
        assert "融资上限" in "".join(map(str, made.context["messages"]))
        assert written() == before
        with as_platform():
            assert Facility.objects.get(id=line.id).used_minor == 0

    def test_is_a_conflict_by_its_code_over_the_api(self, world: Any, line: Facility) -> None:
        before = written()
        answer = world.browsers["owner"].post(
            f"/api/servicing/facilities/{encode_id('fac', line.id)}/drawdowns",
            json.dumps({"amount_minor": 5_000_000}),
            content_type="application/json",
            headers={"Idempotency-Key": "over-the-limit"},
        )
        assert answer.status_code == 409
        assert answer.json()["code"] == "exposure_exceeded"
        assert written() == before
