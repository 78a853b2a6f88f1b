"""Before a run: which firms are evaluated, which are applied for, and what is refused without the word for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from rongtong.consent import facade as consent
from rongtong.consent.contracts import AssertionDraft
from rongtong.core.clock import china_date, now
from rongtong.core.tenancy import Book, as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft
from rongtong.workflows.enterprise_files import EnterprisesFileUnreadable, EnterprisesUnknown, read_enterprise_ids
from rongtong.workflows.plans import ApplyingUnconfirmed, LiveRunNotToday, LoopPlan, NobodyToApplyFor, plan_loop
from rongtong.workflows.region import grant_consents
from tests.market import ACTOR

pytestmark = pytest.mark.django_db
OLD = date(2026, 1, 5)
CODES = ("91330100MA2B0N1P0X", "91330100MA27XPKL3Q", "91330100MA7CODE123", "91330100MA7CODE456")


@pytest.fixture(autouse=True)
def platform(db: None):  # type: ignore[no-untyped-def]
    with as_platform():
        yield


def firm(code: str, *, generated: bool = False) -> UUID:
    draft = EnterpriseDraft(name=f"企业{code}", identifiers=(("invoices_cn", code),), generated=generated)
    (made,) = parties.register_enterprises(drafts=[draft], actor=ACTOR, at=now())
    return made.id


def asserted(code: str) -> UUID:
    one = firm(code)
    draft = AssertionDraft("纸质授权书", "王敏", ("invoices", "portrait"))
    consent.assert_consents(enterprise_ids=[one], draft=draft, actor=ACTOR, at=now())
    return one


def agreed(code: str, *, generated: bool = False) -> UUID:
    one = firm(code, generated=generated)
    grant_consents([one], actor=ACTOR, at=now())
    return one


def plan(*firms: UUID, as_of: date = OLD, **options: bool) -> LoopPlan:
    return plan_loop(as_of=as_of, at=now(), enterprise_ids=firms, **options)


class TestPlanLoop:
    def test_evaluates_what_is_asserted_or_made_up_and_asks_for_no_word(self) -> None:
        claimed, made_up, nothing = asserted("A"), agreed("B", generated=True), firm("C")
        planned = plan(claimed, made_up, nothing)
        assert (planned.book, set(planned.enterprise_ids)) == (Book.EVALUATION, {claimed, made_up})
        assert (planned.asserted, planned.made_up, planned.own, planned.unauthorised) == (1, 1, 0, 1)
        assert "2" in planned.lines()[0]

    def test_refuses_live_applications_without_the_word(self) -> None:
        own = agreed("A")
        with pytest.raises(ApplyingUnconfirmed):
            plan(own, as_of=china_date(now()))
        with pytest.raises(ApplyingUnconfirmed):
            plan(own, asserted("B"))

    def test_applies_as_of_today_with_the_word_and_for_nobody_who_did_not_authorise_it(self) -> None:
        own, claimed, made_up = agreed("A"), asserted("B"), agreed("C", generated=True)
        planned = plan(own, claimed, made_up, as_of=china_date(now()), apply_for_them=True)
        assert (planned.book, planned.enterprise_ids) == (Book.LIVE, (own,))
        with pytest.raises(LiveRunNotToday):
            plan(own, apply_for_them=True)
        with pytest.raises(NobodyToApplyFor):
            plan(claimed, made_up, apply_for_them=True)

    def test_takes_a_demonstration_for_one(self, settings) -> None:  # type: ignore[no-untyped-def]
        settings.DEMO = True
        made_up = agreed("A", generated=True)
        assert plan(made_up).book is Book.LIVE
        assert plan(asserted("B")).book is Book.EVALUATION


class TestReadEnterpriseIds:
    def test_takes_a_code_a_line_and_csv_with_a_header(self, tmp_path: Path) -> None:
        one, other = firm("A"), firm("B")
        (tmp_path / "lines.txt").write_text("A\n\nB\nA\n")
        (tmp_path / "table.csv").write_text("name,uscc\n甲,B\n乙,A\n", encoding="utf-8-sig")
        assert read_enterprise_ids(tmp_path / "lines.txt") == (one, other)
        assert read_enterprise_ids(tmp_path / "table.csv") == (other, one)

    def test_names_unknown_ones(self, tmp_path: Path) -> None:
        firm("A")
        (tmp_path / "f.txt").write_text("A\nZZ9\n")
        with pytest.raises(EnterprisesUnknown, match="ZZ9"):
            read_enterprise_ids(tmp_path / "f.txt")

    @pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00\xd8"])
    def test_refuses_what_names_nobody(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "f.csv").write_bytes(content)
        with pytest.raises(EnterprisesFileUnreadable):
            read_enterprise_ids(tmp_path / "f.csv")
