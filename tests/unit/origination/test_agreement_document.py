"""The document itself: set, signed, checked; no database."""

from __future__ import annotations

import os
import random
import stat
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rongtong.core.canonical import canonical_json
from rongtong.core.confined import DocumentTooCostly
from rongtong.core.ids import new_id
from rongtong.credit.contracts import RepaymentMethod
from rongtong.credit.rules import schedules
from rongtong.origination.adapters import authority
from rongtong.origination.adapters.authority import Holder
from rongtong.origination.adapters.signing import sign_pdf
from rongtong.origination.adapters.typesetting import typeset_agreement
from rongtong.origination.adapters.verifying import check_foreign_pdf, check_pdf
from rongtong.origination.contracts import Side
from rongtong.origination.rules.agreement import AgreementDraft, agreement_content, percent
from rongtong.parties.contracts import (
    CheckResult,
    Identifier,
    Licence,
    LicenceType,
    Organisation,
    OrganisationId,
    OrganisationKind,
)
from tests.documents import field_tree

AT = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
DAY = date(2026, 6, 1)
HOSTILE = (
    "#panic(1) $x$ *粗* _斜_ `raw` @ref <label> \\ // /* #set text(red) [x] {y} "
    '\'; DROP TABLE origination_agreement;-- <script>alert(1)</script> "引" %s %(x)s'
)


def organisation(name: str, kind: OrganisationKind, uscc: str) -> Organisation:
    return Organisation(
        id=OrganisationId(new_id()),
        kind=kind,
        name=name,
        identifiers=(Identifier("uscc", uscc, CheckResult.VALID),),
        region_code="330106",
        industry_code="C39",
        established_date=None,
        size_class=None,
        generated=True,
    )


LENDER = organisation("清江银行股份有限公司", OrganisationKind.INSTITUTION, "91330100MA7BK0017X")
FIRM = organisation("江左精密机械有限公司", OrganisationKind.ENTERPRISE, "91330100716105852F")
PLATFORM = organisation("融通平台", OrganisationKind.OPERATOR, "91330100799655058B")
DRAFT = AgreementDraft(
    number="RT20260601-ABCDEF",
    decision="dec_1",
    lender=LENDER,
    licence=Licence(LicenceType.BANK, "B1001H233010001", ("loan",), "33", date(2015, 1, 1), date(2031, 12, 31)),
    borrower=FIRM,
    platform=PLATFORM,
    amount_minor=50_000_001,
    fees_minor=0,
    term_months=12,
    start_date=DAY,
    method=RepaymentMethod.ANNUITY,
    annual_rate=Decimal("0.06"),
    penalty_rate=Decimal("0.09"),
    misuse_rate=Decimal("0.12"),
    cost_simple=Decimal("0.06"),
    cost_effective=Decimal("0.0616778"),
    instalments=schedules.schedule(
        method=RepaymentMethod.ANNUITY,
        principal_minor=50_000_001,
        annual_rate=Decimal("0.06"),
        start_date=DAY,
        term_months=12,
    ),
    purpose="raw_materials",
    purpose_note="不锈钢板材",
    account_bank="清江银行城东支行",
    account_number="6222020200112233445",
    contact_name="张三",
    contact_role="finance",
    contact_phone="13800000000",
    consents=("cns_1",),
    objection_days=20,
)
HOLDERS = {
    Side.FIRM: Holder(FIRM.id, FIRM.name, "91330100716105852F"),
    Side.LENDER: Holder(LENDER.id, LENDER.name, "91330100MA7BK0017X"),
}


def typeset(draft: AgreementDraft = DRAFT) -> bytes:
    return typeset_agreement(content=canonical_json(agreement_content(draft)).decode(), dated=draft.start_date)


def sign(pdf: bytes, *sides: Side) -> bytes:
    for index, side in enumerate(sides):
        pdf = sign_pdf(pdf=pdf, side=side, holder=HOLDERS[side], at=AT + timedelta(hours=index))
    return pdf


@pytest.fixture(scope="module")
def document() -> bytes:
    return typeset()


@pytest.fixture(scope="module")
def signed(document: bytes) -> bytes:
    return sign(document, Side.FIRM, Side.LENDER)


class TestAgreementContent:
    def test_says_the_amount_in_figures_and_in_capitals(self) -> None:
        terms = agreement_content(DRAFT)["terms"]
        assert (terms["amount"], terms["amount_capital"]) == ("500,000.01", "伍拾万元零壹分")

    def test_adds_the_schedule_up_to_the_fen(self) -> None:
        content = agreement_content(DRAFT)
        assert len(content["schedule"]) == 12
        assert content["totals"][0] == "500,000.01"
        assert content["schedule"][-1][-1] == "0.00"

    def test_says_the_cost_both_ways(self) -> None:
        terms = agreement_content(DRAFT)["terms"]
        assert (terms["cost_effective"], terms["cost_simple"]) == ("6.1678%", "6.00%")

    def test_names_the_penalty_rates_and_by_how_much_they_are_above(self) -> None:
        terms = agreement_content(DRAFT)["terms"]
        assert (terms["penalty_rate"], terms["penalty_markup"], terms["misuse_rate"]) == ("9.00%", "50%", "12.00%")

    def test_is_a_factoring_contract_for_a_factor(self) -> None:
        assert DRAFT.licence is not None
        licence = replace(DRAFT.licence, type=LicenceType.FACTOR)
        content = agreement_content(replace(DRAFT, licence=licence))
        assert content["words"]["title"] == "保理融资合同"
        assert content["factoring"]

    def test_names_no_end_of_a_month_that_there_is_not(self) -> None:
        terms = agreement_content(replace(DRAFT, start_date=date(2026, 1, 31), term_months=1))["terms"]
        assert (terms["start"], terms["end"]) == ("2026年1月31日", "2026年2月28日")

    @pytest.mark.parametrize(
        ("rate", "text"), [("0.0385", "3.85%"), ("0.06", "6.00%"), ("0.0616778", "6.1678%"), ("0.24", "24.00%")]
    )
    def test_writes_rates_as_contracts_do(self, rate: str, text: str) -> None:
        assert percent(Decimal(rate)) == text


class TestTypesetAgreement:
    def test_gives_the_same_bytes_for_the_same_content(self, document: bytes) -> None:
        assert document.startswith(b"%PDF-")
        assert typeset() == document

    def test_gives_other_bytes_for_other_content(self, document: bytes) -> None:
        assert typeset(replace(DRAFT, amount_minor=50_000_002)) != document

    @pytest.mark.parametrize("field", ["purpose_note", "account_bank", "contact_name"])
    def test_sets_hostile_text_as_text(self, field: str) -> None:
        assert typeset(replace(DRAFT, **{field: HOSTILE})).startswith(b"%PDF-")

    def test_sets_hostile_names_of_firms_as_text(self) -> None:
        hostile = replace(DRAFT, borrower=replace(FIRM, name=HOSTILE), lender=replace(LENDER, name=HOSTILE))
        assert typeset(hostile).startswith(b"%PDF-")
        assert agreement_content(hostile)["borrower"]["name"] == HOSTILE

    def test_sets_long_schedules_and_long_names(self) -> None:
        instalments = schedules.schedule(
            method=RepaymentMethod.ANNUITY,
            principal_minor=10**12,
            annual_rate=Decimal("0.05"),
            start_date=DAY,
            term_months=60,
        )
        long = replace(DRAFT, instalments=instalments, term_months=60, borrower=replace(FIRM, name="长" * 200))
        assert typeset(long).count(b"/Type /Page\n") >= 3 or len(typeset(long)) > len(typeset())


class TestSignPdf:
    def test_appends_and_changes_nothing(self, document: bytes, signed: bytes) -> None:
        assert signed.startswith(document)

    def test_takes_at_most_300_ms(self, document: bytes) -> None:
        sign(document, Side.FIRM)
        times = []
        for _ in range(5):
            start = time.process_time()
            sign(document, Side.FIRM)
            times.append(time.process_time() - start)
        assert min(times) < 0.3

    def test_is_found_good_with_both_names_and_times(self, signed: bytes) -> None:
        check = check_pdf(signed)
        assert check.ok, check.problems
        assert [(one.side, one.signer, one.intact, one.trusted) for one in check.signatures] == [
            ("firm", FIRM.name, True, True),
            ("lender", LENDER.name, True, True),
        ]
        assert [one.timestamp_at for one in check.signatures] == [AT, AT + timedelta(hours=1)]

    def test_signs_for_holders_with_hostile_names(self, document: bytes) -> None:
        holder = Holder(new_id(), HOSTILE, HOSTILE)
        pdf = sign_pdf(pdf=document, side=Side.FIRM, holder=holder, at=AT)
        (one,) = check_pdf(pdf).signatures
        assert (one.intact, one.trusted) == (True, True)

    def test_stays_good_after_the_certificates_have_run_out(self, document: bytes) -> None:
        old = AT - timedelta(days=365 * 8)
        pdf = sign_pdf(pdf=document, side=Side.FIRM, holder=HOLDERS[Side.FIRM], at=old)
        pdf = sign_pdf(pdf=pdf, side=Side.LENDER, holder=HOLDERS[Side.LENDER], at=old)
        assert check_pdf(pdf).ok


class TestCheckPdf:
    def test_misses_a_signature(self, document: bytes) -> None:
        assert check_pdf(document).problems == ("signature_missing_firm", "signature_missing_lender")
        assert check_pdf(sign(document, Side.FIRM)).problems == ("signature_missing_lender",)

    def test_notices_a_changed_byte_wherever_it_is_covered(self, document: bytes, signed: bytes) -> None:
        chance = random.Random(20260601)
        start = signed.rindex(b"/Contents <") + len(b"/Contents <")
        places = [*chance.sample(range(len(document)), 6), *chance.sample(range(len(document), start), 8)]
        places += chance.sample(range(start + 8200, len(signed) - 1), 4)
        for place in places:
            changed = bytearray(signed)
            changed[place] ^= 1 << chance.randrange(8)
            assert not check_pdf(bytes(changed)).ok, place

    def test_notices_what_was_appended(self, signed: bytes) -> None:
        assert not check_pdf(signed + b"\n").ok
        assert not check_pdf(signed + b"%%EOF\n").ok

    def test_notices_a_third_signature(self, signed: bytes) -> None:
        pdf = signed.replace(b"SignatureOfFirm", b"SignatureOfFi0m")
        assert not check_pdf(pdf).ok

    def test_notices_what_was_cut_off(self, signed: bytes) -> None:
        for length in (0, 1, 10, len(signed) // 2, len(signed) - 1):
            assert not check_pdf(signed[:length]).ok

    @pytest.mark.parametrize(
        "junk", [b"", b"hello", b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\xff" * 1000, b"PK\x03\x04", b"\x00" * 100]
    )
    def test_answers_junk_without_raising(self, junk: bytes) -> None:
        check = check_pdf(junk)
        assert not check.ok
        assert check.problems

    def test_does_not_trust_another_authority(
        self, document: bytes, tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(authority, "_folder", lambda: tmp_path)
        foreign = sign(document, Side.FIRM, Side.LENDER)
        assert check_pdf(foreign).ok
        monkeypatch.undo()
        check = check_pdf(foreign)
        assert not check.ok
        assert check.problems == ("authority_unknown",)


class TestCheckForeignPdf:
    def test_finds_the_same_as_reading_it_here(self, signed: bytes, document: bytes) -> None:
        for pdf in (signed, document, signed[:-1], b"", b"%PDF-1.7\n" + b"\xff" * 1000, field_tree(2, 1)):
            assert check_foreign_pdf(pdf) == check_pdf(pdf)

    def test_gives_up_a_document_that_would_take_for_ever(self) -> None:
        bomb = field_tree(16, 8)
        assert len(bomb) < 2500
        with pytest.raises(DocumentTooCostly):
            check_foreign_pdf(bomb)

    def test_answers_a_form_that_is_its_own_child(self) -> None:
        cyclic = field_tree(1, 1).replace(b"/Kids[5 0 R ]", b"/Kids[4 0 R ]")
        assert not check_foreign_pdf(cyclic).ok


class TestAuthority:
    def test_keeps_its_keys_from_others(self) -> None:
        authority.root()
        folder = authority._folder()
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.pem")} == {0o600}

    def test_gives_the_same_certificate_in_the_same_year(self) -> None:
        first = authority.credential_of(HOLDERS[Side.FIRM], AT)
        second = authority.credential_of(HOLDERS[Side.FIRM], AT + timedelta(days=30))
        assert first.certificate == second.certificate

    def test_makes_one_root_when_many_ask_at_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from concurrent.futures import ThreadPoolExecutor

        monkeypatch.setattr(authority, "_folder", lambda: tmp_path)
        with ThreadPoolExecutor(8) as pool:
            roots = list(pool.map(lambda _: authority.root().certificate, range(8)))
        assert len(set(roots)) == 1
        assert [path.name for path in tmp_path.iterdir()] == ["root.pem"]
