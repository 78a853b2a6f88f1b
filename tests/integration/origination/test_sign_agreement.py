from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from types import ModuleType
from typing import Any

import pytest
from django.db import connection

from rongtong.attest import facade as attest
from rongtong.core.actors import Right
from rongtong.core.canonical import digest
from rongtong.core.roles import as_owner
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination import models
from rongtong.origination.adapters.signing import sign_pdf
from rongtong.origination.contracts import AgreementState, Side
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation, OrganisationId
from tests import hands


def withdraw_licences(lender_id: OrganisationId, kit: ModuleType) -> None:
    with as_platform():
        for licence in parties.licences_of(lender_id):
            parties.withdraw_licence(
                number=licence.number, withdrawn_date=kit.AT.date(), reason="test", actor=kit.JOB, at=kit.AT
            )


@pytest.mark.django_db
class TestPrepareAgreement:
    def test_gives_the_same_agreement_when_prepared_again(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.accepted(firm)
        prepare = {"application_id": application.id, "actor": kit.JOB, "at": kit.AT}
        first = origination.prepare_agreement(**prepare)
        assert origination.prepare_agreement(**prepare) == first
        assert origination.agreement_of(application_id=application.id) == first
        assert models.Document.objects.count() == 1
        assert digest(origination.agreement_pdf(agreement_id=first.id)) == first.pdf_digest

    def test_waits_for_the_firm_to_accept(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        kit.decide(application)
        with pytest.raises(origination.ApplicationMoved):
            origination.prepare_agreement(application_id=application.id, actor=kit.JOB, at=kit.AT)

    def test_is_open_to_both_sides_only(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        firm, other = kit.register_firms(2)
        application = kit.accepted(firm)
        with pytest.raises(origination.NotAParty):
            origination.prepare_agreement(application_id=application.id, actor=kit.person(other), at=kit.AT)
        with as_tenant(application.lender_id):
            lender = parties.organisation(application.lender_id)
            assert origination.prepare_agreement(application_id=application.id, actor=kit.person(lender), at=kit.AT)

    def test_asks_for_the_lenders_licence(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.accepted(firm)
        withdraw_licences(application.lender_id, kit)
        with pytest.raises(origination.LicenceLapsed):
            origination.prepare_agreement(application_id=application.id, actor=kit.JOB, at=kit.AT)


@pytest.mark.django_db
class TestWhoSigns:
    def test_is_no_job_of_the_platform_unless_it_is_played(
        self,
        market: dict[str, Organisation],
        kit: ModuleType,
        settings,  # type: ignore[no-untyped-def]  # pytest-django's
    ) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.prepared(firm)
        played = kit.JOB.acting_for(firm.id, right=Right.PLAYED)
        for job in (kit.JOB, played):
            with pytest.raises(origination.HandMissing):
                origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=job, at=kit.AT)
        settings.DEMO = True
        signed = origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=played, at=kit.AT)
        assert signed.state is AgreementState.SIGNED_BY_FIRM

    def test_accepts_no_terms_either(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        kit.decide(application)
        with pytest.raises(origination.HandMissing):
            origination.accept_decision(application_id=application.id, actor=kit.JOB, at=kit.AT)


@pytest.mark.django_db
class TestSignAgreement:
    @pytest.mark.parametrize("side", list(Side))
    def test_asks_for_the_lenders_licence(self, market: dict[str, Organisation], kit: ModuleType, side: Side) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.prepared(firm)
        if side is Side.LENDER:
            origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=kit.person(firm), at=kit.AT)
        withdraw_licences(agreement.lender_id, kit)
        signer = firm if side is Side.FIRM else parties.organisation(agreement.lender_id)
        with pytest.raises(origination.LicenceLapsed):
            origination.sign_agreement(agreement_id=agreement.id, side=side, actor=kit.person(signer), at=kit.AT)

    def test_takes_the_firm_first(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.prepared(firm)
        with pytest.raises(origination.SignatureOutOfTurn):
            origination.sign_agreement(
                agreement_id=agreement.id, side=Side.LENDER, actor=hands.of_lender(agreement), at=kit.AT
            )

    def test_takes_each_side_from_itself_only(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.prepared(firm)
        lender = parties.organisation(agreement.lender_id)
        with pytest.raises(origination.NotAParty):
            origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=kit.person(lender), at=kit.AT)
        origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=kit.person(firm), at=kit.AT)
        with pytest.raises(origination.NotAParty):
            origination.sign_agreement(agreement_id=agreement.id, side=Side.LENDER, actor=kit.person(firm), at=kit.AT)

    def test_signs_once_per_side(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.signed(firm)
        for side in Side:
            hand = hands.of_firm(agreement) if side is Side.FIRM else hands.of_lender(agreement)
            again = origination.sign_agreement(agreement_id=agreement.id, side=side, actor=hand, at=kit.AT)
            assert again == agreement
        assert models.Document.objects.count() == 3
        assert agreement.state is AgreementState.SIGNED

    def test_commits_the_capacity_with_the_last_signature(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.signed(firm)
        application = origination.application(application_id=agreement.application_id)
        offer = matching.offer(offer_id=application.offer_id)
        assert offer.state == "taken"
        pools = matching.capacity(lender_id=agreement.lender_id)
        assert sum(pool.committed_minor for pool in pools) == agreement.amount_minor

    def test_rolls_back_when_the_capacity_has_gone(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.prepared(firm)
        origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=hands.of_firm(agreement), at=kit.AT)
        application = origination.application(application_id=agreement.application_id)
        matching.release_offer(offer_id=application.offer_id, actor=kit.JOB, at=kit.AT)
        with pytest.raises(matching.OfferNotOpen):
            origination.sign_agreement(
                agreement_id=agreement.id, side=Side.LENDER, actor=hands.of_lender(agreement), at=kit.AT
            )
        assert origination.agreement(agreement_id=agreement.id).state is AgreementState.SIGNED_BY_FIRM
        assert models.Document.objects.filter(agreement_id=agreement.id).count() == 2

    def test_works_in_each_sides_own_view(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        firm, other = kit.register_firms(2)
        agreement = kit.prepared(firm)
        with as_tenant(firm.id):
            origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=kit.person(firm), at=kit.AT)
        with as_tenant(agreement.lender_id):
            lender = parties.organisation(agreement.lender_id)
            signed = origination.sign_agreement(
                agreement_id=agreement.id, side=Side.LENDER, actor=kit.person(lender), at=kit.AT
            )
        assert signed.state is AgreementState.SIGNED
        with as_tenant(other.id):
            with pytest.raises(origination.AgreementUnknown):
                origination.agreement(agreement_id=agreement.id)
            with pytest.raises(origination.AgreementUnknown):
                origination.agreement_pdf(agreement_id=agreement.id)


@pytest.mark.django_db
class TestVerifyAgreement:
    def test_knows_its_own_and_not_a_strangers(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.signed(firm)
        pdf = origination.agreement_pdf(agreement_id=agreement.id)
        assert origination.verify_agreement(pdf=pdf).agreement_id == agreement.id
        assert origination.verify_agreement(pdf=b"%PDF-1.7 nothing").agreement_id is None

    def test_notices_any_changed_byte_even_inside_the_last_signature(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.signed(firm)
        pdf = origination.agreement_pdf(agreement_id=agreement.id)
        start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
        for place in range(start + 20, start + 6000, 299):
            changed = bytearray(pdf)
            changed[place] = ord("0") if changed[place] != ord("0") else ord("1")
            assert not origination.verify_agreement(pdf=bytes(changed)).ok, place

    def test_shows_an_unfinished_one_as_unfinished(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.prepared(firm)
        check = origination.verify_agreement(pdf=origination.agreement_pdf(agreement_id=agreement.id))
        assert check.agreement_id == agreement.id
        assert check.problems == ("signature_missing_firm", "signature_missing_lender")


@pytest.mark.django_db
class TestTheLogNamesAChangedByte:
    @pytest.mark.parametrize(
        ("table", "change"),
        [
            ("origination_decision", "amount_minor = amount_minor + 1"),
            ("origination_decision", "inputs = replace(inputs, '0.0', '0.1')"),
            ("origination_decision", "actor_name = 'x'"),
            ("origination_application", "contact_phone = '13900000000'"),
            ("origination_agreement", "annual_rate = annual_rate + 0.000001"),
            ("origination_document", "part = set_byte(part, 5000, (get_byte(part, 5000) + 1) % 256)"),
            ("origination_document", "digest = repeat('0', 64)"),
        ],
    )
    def test_behind_each_step(self, market: dict[str, Organisation], kit: ModuleType, table: str, change: str) -> None:
        (firm,) = kit.register_firms(1)
        kit.signed(firm)
        attest.sequence(at=datetime(2026, 6, 2, tzinfo=UTC))
        assert attest.verify_log().ok
        where = "WHERE stage = 'prepared'" if "part" in change else ""
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET {change} {where}")
            assert cursor.rowcount
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        result = attest.verify_log()
        assert not result.ok
        assert result.first_bad


@pytest.mark.django_db
class TestSignWhatEndsMeanwhile:
    @pytest.mark.parametrize("side", list(Side))
    def test_says_that_it_is_void(
        self, market: dict[str, Organisation], kit: ModuleType, side: Side, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The firm withdraws while the signature is computed: no answer may read as if it had been made."""
        (firm,) = kit.register_firms(1)
        agreement = kit.prepared(firm)
        hand = hands.of_firm(agreement) if side is Side.FIRM else hands.of_lender(agreement)
        if side is Side.LENDER:
            origination.sign_agreement(
                agreement_id=agreement.id, side=Side.FIRM, actor=hands.of_firm(agreement), at=kit.AT
            )
        documents = models.Document.objects.count()

        def withdraw_then_sign(**given: Any) -> bytes:
            origination.withdraw_application(
                application_id=agreement.application_id, reason="", actor=hands.of_firm(agreement), at=kit.AT
            )
            return sign_pdf(**given)

        monkeypatch.setattr("rongtong.origination.actions.sign_agreement.sign_pdf", withdraw_then_sign)
        for _ in range(2):
            with pytest.raises(origination.AgreementVoid):
                origination.sign_agreement(agreement_id=agreement.id, side=side, actor=hand, at=kit.AT)
        assert models.Document.objects.count() == documents
        assert origination.agreement(agreement_id=agreement.id).state is AgreementState.VOID

    def test_says_so_to_a_side_that_had_signed(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.prepared(firm)
        hand = hands.of_firm(agreement)
        origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=hand, at=kit.AT)
        origination.withdraw_application(application_id=agreement.application_id, reason="", actor=hand, at=kit.AT)
        with pytest.raises(origination.AgreementVoid):
            origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=hand, at=kit.AT)


@pytest.mark.django_db(transaction=True)
class TestSignAtOnce:
    def test_makes_one_signature(self, kit: ModuleType) -> None:
        with as_platform():
            kit.open_market()
            (firm,) = kit.register_firms(1)
            agreement = kit.prepared(firm)
        gate = Barrier(3)

        def sign(_: int) -> object:
            gate.wait()
            try:
                with as_platform():
                    return replace(
                        origination.sign_agreement(
                            agreement_id=agreement.id, side=Side.FIRM, actor=hands.of_firm(agreement), at=kit.AT
                        )
                    )
            finally:
                connection.close()

        with ThreadPoolExecutor(3) as pool:
            made = set(pool.map(sign, range(3)))
        with as_platform():
            assert len(made) == 1
            assert models.Document.objects.filter(stage="signed_by_firm").count() == 1
            assert models.Step.objects.filter(name="agreement.signed").count() == 1
            origination.sign_agreement(
                agreement_id=agreement.id, side=Side.LENDER, actor=hands.of_lender(agreement), at=kit.AT
            )
            assert origination.verify_agreement(pdf=origination.agreement_pdf(agreement_id=agreement.id)).ok
