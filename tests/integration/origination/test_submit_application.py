from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from types import ModuleType

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from rongtong.core.ids import encode_id
from rongtong.core.models import AuditEntry, Event
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.matching import facade as matching
from rongtong.matching.contracts import OfferState
from rongtong.origination import facade as origination
from rongtong.origination import models
from rongtong.origination.contracts import ApplicationState, Channel
from rongtong.parties.contracts import Organisation


@pytest.mark.django_db
class TestSubmitApplication:
    def test_holds_the_offer_and_is_recorded(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        assert application.state is ApplicationState.SUBMITTED
        assert application.enterprise_name == firm.name
        assert application.account_tail == "…3445"
        assert matching.offer(offer_id=application.offer_id).state is OfferState.APPLIED
        assert AuditEntry.objects.filter(action="application.submitted", enterprise_id=firm.id).count() == 1
        assert Event.objects.filter(name="application.submitted").count() == 1

    def test_gives_the_same_application_when_submitted_again(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        offer = kit.offer_of(firm)
        first = origination.submit_application(draft=kit.draft_for(offer), actor=kit.JOB, at=kit.AT)
        again = origination.submit_application(
            draft=kit.draft_for(offer), actor=kit.JOB, at=kit.AT + timedelta(days=60)
        )
        assert again == first
        assert models.Application.objects.count() == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"contact_name": "李四"},
            {"amount_minor": 10_000_000},
            {"human_review": True},
            {"account_number": "6222020200112233446"},
        ],
    )
    def test_refuses_other_content_for_a_taken_offer(
        self, market: dict[str, Organisation], kit: ModuleType, change: dict[str, object]
    ) -> None:
        (firm,) = kit.register_firms(1)
        offer = kit.offer_of(firm)
        first = origination.submit_application(draft=kit.draft_for(offer), actor=kit.JOB, at=kit.AT)
        with pytest.raises(origination.OfferTaken) as refused:
            origination.submit_application(draft=kit.draft_for(offer, **change), actor=kit.JOB, at=kit.AT)
        assert refused.value.facts["application"] == encode_id("app", first.id)

    def test_refuses_a_lender_that_may_not_read_and_leaves_nothing_behind(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        (firm,) = kit.register_firms(1)
        offer = kit.offer_of(firm)
        kit.revoke(firm)
        other = next(one for one in market.values() if one.id != offer.lender_id)
        kit.grant(firm, other)
        with pytest.raises(origination.LenderNotAuthorised):
            origination.submit_application(draft=kit.draft_for(offer), actor=kit.JOB, at=kit.AT)
        assert models.Application.objects.count() == 0
        assert matching.offer(offer_id=offer.id).state is OfferState.SHOWN
        assert ProcrastinateJob.objects.filter(task_name="decide_application").count() == 0

    def test_names_each_field_that_cannot_be_used(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        offer = kit.offer_of(firm)
        draft = kit.draft_for(offer, contact_name="", declared=False)
        with pytest.raises(origination.ApplicationMalformed) as refused:
            origination.submit_application(draft=draft, actor=kit.JOB, at=kit.AT)
        fields = refused.value.facts["fields"]
        assert {name: one["code"] for name, one in fields.items()} == {
            "contact_name": "missing",
            "declared": "declaration_missing",
        }

    def test_refuses_more_than_was_offered(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        offer = kit.offer_of(firm)
        with pytest.raises(origination.ApplicationMalformed) as refused:
            origination.submit_application(
                draft=kit.draft_for(offer, amount_minor=offer.amount_minor + 1), actor=kit.JOB, at=kit.AT
            )
        assert refused.value.facts["fields"]["amount_minor"]["code"] == "above_offer"
        assert matching.offer(offer_id=offer.id).state is OfferState.SHOWN

    def test_refuses_an_expired_offer(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        offer = kit.offer_of(firm)
        with pytest.raises(matching.OfferExpired):
            origination.submit_application(draft=kit.draft_for(offer), actor=kit.JOB, at=offer.expires_at)
        assert models.Application.objects.count() == 0

    def test_refuses_an_offer_that_was_withdrawn(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        offer = kit.offer_of(firm)
        matching.release_offer(offer_id=offer.id, actor=kit.JOB, at=kit.AT)
        with pytest.raises(matching.OfferNotOpen):
            origination.submit_application(draft=kit.draft_for(offer), actor=kit.JOB, at=kit.AT)

    def test_refuses_another_firm(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        firm, other = kit.register_firms(2)
        offer = kit.offer_of(firm)
        with pytest.raises(origination.NotAParty):
            origination.submit_application(draft=kit.draft_for(offer), actor=kit.person(other), at=kit.AT)
        with as_tenant(other.id), pytest.raises(matching.OfferUnknown):
            origination.submit_application(draft=kit.draft_for(offer), actor=kit.person(other), at=kit.AT)

    def test_is_the_firms_own_in_its_own_view(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        offer = kit.offer_of(firm)
        with as_tenant(firm.id):
            application = origination.submit_application(draft=kit.draft_for(offer), actor=kit.person(firm), at=kit.AT)
            assert origination.applications_of(enterprise_id=firm.id).total == 1
        with as_tenant(application.lender_id):
            assert origination.application(application_id=application.id) == application

    def test_keeps_hostile_text_as_text(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        hostile = "'; DROP TABLE x;-- <script>alert(1)</script>"
        application = kit.submit(firm, contact_name=hostile[:50], purpose_note=hostile)
        assert application.purpose_note == hostile

    def test_comes_by_loan_code(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        firm, other = kit.register_firms(2)
        offer = kit.offer_of(firm)
        code = origination.make_loan_code(
            product_id=offer.product_id, base_url="http://localhost:8000", actor=kit.JOB, at=kit.AT
        )
        foreign = origination.make_loan_code(
            product_id=offer.product_id,
            enterprise_id=other.id,
            base_url="http://localhost:8000/",
            actor=kit.JOB,
            at=kit.AT,
        )
        assert foreign.url == f"http://localhost:8000/c/{foreign.token}"
        with pytest.raises(origination.LoanCodeForeign):
            origination.submit_application(
                draft=kit.draft_for(offer, loan_code=foreign.token), actor=kit.JOB, at=kit.AT
            )
        with pytest.raises(origination.LoanCodeInvalid):
            origination.submit_application(
                draft=kit.draft_for(offer, loan_code=code.token[:-1]), actor=kit.JOB, at=kit.AT
            )
        application = origination.submit_application(
            draft=kit.draft_for(offer, loan_code=code.token), actor=kit.JOB, at=kit.AT
        )
        assert application.channel is Channel.LOAN_CODE


@pytest.mark.django_db
class TestPrefilledDraft:
    def test_asks_for_nothing_twice(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        first, second = kit.offers_for(firm)[:2]
        kit.grant(firm, *market.values())
        fresh = origination.prefilled_draft(offer_id=first.id)
        assert (fresh.amount_minor, fresh.term_months) == (first.amount_minor, first.term_months)
        assert fresh.contact_name == ""
        origination.submit_application(draft=kit.draft_for(first), actor=kit.JOB, at=kit.AT)
        again = origination.prefilled_draft(offer_id=second.id)
        assert (again.contact_name, again.account_number) == ("张三", "6222020200112233445")
        assert not again.declared


@pytest.mark.django_db
class TestLoanCode:
    def test_is_read_by_anybody_until_it_expires(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        offer = kit.offer_of(firm)
        code = origination.make_loan_code(product_id=offer.product_id, base_url="https://r", actor=kit.JOB, at=kit.AT)
        read = origination.read_loan_code(token=code.token, at=kit.AT, base_url="https://r")
        assert (read.product_id, read.lender_id, read.url) == (offer.product_id, offer.lender_id, code.url)
        assert read.qr_svg.startswith("<svg")
        with pytest.raises(origination.LoanCodeExpired):
            origination.read_loan_code(token=code.token, at=kit.AT + timedelta(days=31))

    def test_is_given_out_by_its_lender_the_firm_or_the_platform(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        firm, other = kit.register_firms(2)
        offer = kit.offer_of(firm)
        stranger = next(one for one in market.values() if one.id != offer.lender_id)

        def make(actor: object, enterprise: Organisation | None = None) -> None:
            origination.make_loan_code(
                product_id=offer.product_id,
                enterprise_id=enterprise.id if enterprise else None,
                base_url="",
                actor=actor,
                at=kit.AT,
            )

        make(kit.person(firm), firm)
        make(kit.person(next(one for one in market.values() if one.id == offer.lender_id)))
        for actor, enterprise in ((kit.person(stranger), None), (kit.person(other), firm), (kit.person(firm), None)):
            with pytest.raises(origination.LoanCodeNotYours):
                make(actor, enterprise)


@pytest.mark.django_db(transaction=True)
class TestSubmitAtOnce:
    def test_makes_one_application(self, kit: ModuleType) -> None:
        with as_platform():
            kit.open_market()
            (firm,) = kit.register_firms(1)
            offer = kit.offer_of(firm)
        gate = Barrier(4)

        def submit(_: int) -> object:
            gate.wait()
            try:
                with as_platform():
                    return origination.submit_application(draft=kit.draft_for(offer), actor=kit.JOB, at=kit.AT).id
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            ids = set(pool.map(submit, range(4)))
        with as_platform():
            assert len(ids) == 1
            assert models.Application.objects.count() == 1
            assert models.Step.objects.filter(name="application.submitted").count() == 1
