"""What an offer says of its decision is what an application of the same day gets, over the firms of a generated region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import override_settings

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Grantee, Item
from rongtong.core.actors import system_actor
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.features import facade as features
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.matching.contracts import MatchResult, Offer, OfferId
from rongtong.matching.models import Reservation
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Application, ApplicationDraft, Decision, Outcome, Purpose
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Organisation
from rongtong.records import facade as records
from rongtong.simulator.facade import enterprise_drafts, generate_region, serving
from tests.authorisations import draft_of, entries, let_lenders_read
from tests.integration.servicing.conftest import FakeBank, Market
from tests.market import open_market
from tests.registers import Registers

ACTOR = system_actor("tests")
AS_OF = date(2026, 6, 30)
AT = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)
FIRMS = 18
WAN = 1_000_000
ASKS: tuple[dict[str, int], ...] = ({}, {"amount_minor": 40 * WAN}, {"amount_minor": 200 * WAN, "term_months": 24})
WITHHELD = ((), (), ("bank_flows",), ("courts",), ("electricity", "social_insurance"), ("bank_flows", "tax"))
"""What the firms withhold, in turn."""
PURPOSES = {"equipment": Purpose.EQUIPMENT, "order": Purpose.ORDER}


class Region:
    """Firms of a generated region with their portraits of one day, in front of the packaged lenders."""

    def __init__(self, folder: Path) -> None:
        self.lenders = open_market()
        drafts = [
            EnterpriseDraft(
                name=one.name,
                identifiers=(("uscc", one.uscc),),
                region_code=one.region_code,
                industry_code=one.industry_code,
                established_date=one.established_date,
                generated=True,
            )
            for one in enterprise_drafts(folder)
        ]
        self.firms: tuple[Organisation, ...] = parties.register_enterprises(drafts=drafts, actor=ACTOR, at=AT)
        platform = parties.platform()
        for number, firm in enumerate(self.firms):
            withheld = WITHHELD[number % len(WITHHELD)]
            granted = entries(
                grantees=[Grantee(platform.id, platform.name, "platform")],
                items=[item for item in map(str, Item) if item not in withheld],
                range_from=date(2015, 1, 1),
                range_to=date(2030, 1, 1),
            )
            draft = draft_of(firm.id, granted, at=AT - timedelta(days=1), form="paper")
            consent.grant_consent(draft=draft, actor=ACTOR, at=AT - timedelta(days=1))
        let_lenders_read(*(firm.id for firm in self.firms), actor=ACTOR, at=AT)
        for kind in Item:
            if kind is not Item.PORTRAIT:
                ids = [
                    firm.id for number, firm in enumerate(self.firms) if kind not in WITHHELD[number % len(WITHHELD)]
                ]
                records.collect(enterprise_ids=ids, kinds=[kind], until=AS_OF, actor=ACTOR, at=AT)
        built = features.build_portraits(
            enterprise_ids=[firm.id for firm in self.firms], as_of=AS_OF, reader_id=platform.id, actor=ACTOR, at=AT
        )
        self.portraits: dict[UUID, Portrait] = {one.enterprise_id: one for one in built}

    def search(self, firm: Organisation, **ask: int) -> MatchResult:
        portrait = self.portraits[firm.id]
        return matching.find_offers(
            enterprise_id=firm.id,
            portrait=portrait,
            score=credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed),
            as_of=AS_OF,
            actor=ACTOR,
            at=AT,
            **ask,
        )


def apply_for(offer: Offer) -> Application:
    kind = matching.product(product_id=offer.product_id).kind
    draft = ApplicationDraft(
        offer_id=offer.id,
        amount_minor=offer.amount_minor,
        term_months=offer.term_months,
        purpose=PURPOSES.get(kind.value, Purpose.RAW_MATERIALS),
        contact_name="张三",
        contact_phone="13800000000",
        account_bank="清江银行城东支行",
        account_number="6222020200112233445",
        declared=True,
    )
    return origination.submit_application(draft=draft, actor=ACTOR, at=AT)


def decide(application: Application, *, as_of: date = AS_OF) -> Decision:
    return origination.decide_application(
        application_id=application.id, as_of=as_of, actor=ACTOR, at=AT + (as_of - AS_OF)
    )


def fall_behind(region: Region, firm: Organisation) -> None:
    """The firm borrows at a lender of the platform, and pays nothing for months."""
    lender = region.lenders["huimin_microloan"]
    bank = Market(lender.id, FakeBank(pays=dict.fromkeys([firm.identifier("uscc") or ""], 0)))
    bank.active(enterprise_id=firm.id)
    bank.close(AS_OF)


@pytest.fixture(scope="module")
def served(
    django_db_setup: None, django_db_blocker: Any, public_registers: Registers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Region]:
    folder = tmp_path_factory.mktemp("offered")
    generate_region(enterprises=FIRMS, months=26, seed=11, end_date=AS_OF, folder=folder, horizon=0)
    with serving(folder) as url:
        apart = override_settings(
            RECORDS_CATALOGUE=f"test-{uuid4()}",
            RECORDS_WAREHOUSE=str(tmp_path_factory.mktemp("warehouse")),
            SOURCES_URL=str(url),
            SOURCES_TOKEN=url.token,
        )
        with django_db_blocker.unblock(), apart, as_platform(), transaction.atomic():
            yield Region(folder)
            transaction.set_rollback(True)


@pytest.fixture
def region(served: Region) -> Iterator[Region]:
    with transaction.atomic():
        yield served
        transaction.set_rollback(True)


class TestAnOfferAppliedForAtOnce:
    def test_is_never_declined_and_approved_by_rules_just_where_it_said_so(self, region: Region) -> None:
        seen: Counter[tuple[str, str]] = Counter()
        products: set[str] = set()
        for number, firm in enumerate(region.firms):
            for turn, ask in enumerate(ASKS):
                offers = region.search(firm, **ask).offers
                if not offers:
                    continue
                offer = offers[(number + turn) % len(offers)]
                application = apply_for(offer)
                made = decide(application)
                said = Outcome.APPROVED if offer.automatic else Outcome.REFERRED
                assert made.outcome is said, (offer.product_code, offer.reasons_zh, made.reasons)
                assert not [one for one in made.reasons if one.code == "since_offer"]
                if made.outcome is Outcome.APPROVED:
                    assert (made.amount_minor, made.annual_rate) == (offer.amount_minor, offer.annual_rate)
                else:
                    told = {one.code for one in made.reasons}
                    assert told >= set(offer.doubtful), (told, offer.doubtful)
                seen[offer.product_code, made.outcome.value] += 1
                products.add(offer.product_code)
                origination.withdraw_application(application_id=application.id, reason="", actor=ACTOR, at=AT)
        assert len(products) >= 4, products
        for outcome in (Outcome.APPROVED, Outcome.REFERRED):
            assert sum(count for (_code, one), count in seen.items() if one == outcome.value) >= 5, seen

    def test_that_another_stands_beside_is_decided_as_said_too(self, region: Region) -> None:
        """Several applications at once: each offer counted what was applied for before it, or was withdrawn by it."""
        decided = 0
        for firm in region.firms:
            offers = region.search(firm, amount_minor=40 * WAN).offers
            for offer in offers:
                if matching.offer(offer_id=OfferId(offer.id)).state.value != "shown":
                    continue
                made = decide(apply_for(offer))
                assert made.outcome is not Outcome.DECLINED, made.reasons
                told = {one.code for one in made.reasons}
                assert made.outcome is (Outcome.APPROVED if offer.automatic else Outcome.REFERRED) or (
                    "since_offer" in told
                )
                decided += 1
        assert decided >= FIRMS // 2


class TestBankFlows:
    """They are a firm's to show or not, so they may only ever help it: what it owes elsewhere is read off none of them."""

    def test_withheld_raise_no_offer_no_limit_and_no_chance_of_the_rules(self, region: Region) -> None:
        shown = [firm for number, firm in enumerate(region.firms) if not WITHHELD[number % len(WITHHELD)]]
        lowered = 0
        for firm in shown:
            whole, portrait = region.search(firm), region.portraits[firm.id]
            limit = matching.exposure(enterprise_ids=[firm.id], on=AS_OF)[firm.id].limit_minor
            told = {one.product_code: one for one in whole.offers}
            flows = {name for name in portrait.values if name.startswith("bnk_")}
            masked = replace(
                portrait,
                values={name: None if name in flows else value for name, value in portrait.values.items()},
                unknown=tuple({*portrait.unknown, *flows}),
                content_digest="masked",
            )
            region.portraits[firm.id] = masked
            try:
                left = region.search(firm)
            finally:
                region.portraits[firm.id] = portrait
            found = matching.exposure(enterprise_ids=[firm.id], on=AS_OF)[firm.id]
            assert found.limit_minor <= limit
            assert found.elsewhere_minor is None
            for offer in left.offers:
                if offer.product_code in told:
                    before = told[offer.product_code]
                    assert offer.amount_minor <= before.amount_minor
                    if (
                        offer.automatic and not before.automatic
                    ):  # for less money: then so would be the same with all shown
                        assert offer.amount_minor < before.amount_minor
                        same = region.search(firm, amount_minor=offer.amount_minor).offers
                        assert next(one for one in same if one.product_code == offer.product_code).automatic
            lowered += len(left.offers) < len(whole.offers) or found.limit_minor < limit
        assert len(shown) >= 6
        assert lowered


class TestADifference:
    def _promising(self, region: Region) -> tuple[Organisation, Offer]:
        for firm in region.firms:
            for offer in region.search(firm).offers:
                if offer.automatic:
                    return firm, offer
        raise AssertionError("no firm of the region is approved by rules")

    def changes(self, made: Decision) -> str:
        return next(one.text_en for one in made.reasons if one.code == "since_offer")

    def test_between_offer_and_decision_names_the_arrears_that_came_between(self, region: Region) -> None:
        firm, offer = self._promising(region)
        application = apply_for(offer)
        fall_behind(region, firm)
        made = decide(application)
        assert made.outcome is Outcome.DECLINED
        assert "overdue_here" in {one.code for one in made.reasons}
        assert "whether the firm is overdue" in self.changes(made)

    def test_names_what_the_registers_say(self, region: Region, registers: Registers) -> None:
        _firm, offer = self._promising(region)
        application = apply_for(offer)
        registers.against.add("dishonest")
        made = decide(application)
        assert made.outcome is Outcome.DECLINED
        assert "what the public registers say" in self.changes(made)

    def test_names_what_else_was_promised(self, region: Region) -> None:
        firm, offer = self._promising(region)
        application = apply_for(offer)
        before = matching.exposure(enterprise_ids=[firm.id], on=AS_OF)[firm.id]
        reservation = Reservation.objects.get(offer__id=offer.id)
        Reservation.objects.create(  # as another lender's agreement would stand
            pool_id=reservation.pool_id,
            enterprise_id=firm.id,
            lender_id=reservation.lender_id,
            amount_minor=before.limit_minor,
            consumed_minor=before.limit_minor,
            stage="undrawn",
            state="consumed",
            expires_at=AT,
        )
        made = decide(application)
        assert made.outcome is not Outcome.APPROVED
        assert "at all lenders" in self.changes(made)


class TestAFirmThatIsOverdueHere:
    def test_is_shown_no_offer_and_told_why(self, region: Region) -> None:
        firm = next(one for one in region.firms if region.search(one).offers)
        fall_behind(region, firm)
        found = region.search(firm, amount_minor=41 * WAN)
        assert found.offers == ()
        overdue = [one for one in found.near_misses if one.code == "overdue_here"]
        assert overdue
        assert all("已逾期" in one.text_zh and "结清逾期款项" in one.text_zh for one in overdue)

    def test_is_shown_offers_again_once_it_has_paid(self, region: Region) -> None:
        firm = next(one for one in region.firms if region.search(one).offers)
        fall_behind(region, firm)
        assert not region.search(firm).offers
        lender = region.lenders["huimin_microloan"]
        bank = Market(lender.id, FakeBank())
        for back in range(5, -1, -1):
            bank.collect(AS_OF - timedelta(days=back))
        bank.close(AS_OF)
        assert matching.arrears_of(enterprise_ids=[firm.id]) == {}
        assert region.search(firm).offers
