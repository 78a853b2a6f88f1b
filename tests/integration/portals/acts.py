"""What every action needs to be done: for whom, by whom, and a market in which it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Signatory
from rongtong.core.actors import Actor, system_actor
from rongtong.core.clock import china_date, now
from rongtong.credit import facade as credit
from rongtong.features import facade as features
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Offer
from rongtong.origination import facade as origination
from rongtong.origination.contracts import ApplicationDraft, Outcome, Purpose, Side
from rongtong.parties import facade as parties
from rongtong.servicing import facade as servicing
from tests import hands
from tests.integration.portals.conftest import World

JOB = system_actor("tests")
Do = Callable[[Actor], Any]


@dataclass(frozen=True)
class Action:
    """For whom it is done, and what is prepared: the deed itself, still without its actor."""

    side: str
    """`firm`, `other`, `third`, `lender` or `platform`."""
    prepare: Callable[[Any], Do]
    kinds: tuple[str, ...] = ("user", "client", "system")
    right: str = ""
    """The right that is kept, where it is another than the actor's own."""


ACTIONS: dict[str, Action] = {}


def action(side: str, *kinds: str, right: str = "") -> Callable[[Callable[[Any], Do]], Any]:
    def enter(prepare: Callable[[Any], Do]) -> Callable[[Any], Do]:
        name = prepare.__name__.replace("__", ".", 1)
        ACTIONS[name] = Action(side, prepare, kinds or ("user", "client", "system"), right)
        return prepare

    return enter


def accepting(application_id: Any) -> Actor:
    """The hand of the firm whose application it is."""
    return hands.of_firm(origination.application(application_id=application_id))


class Scene:
    """The market with what the actions need."""

    def __init__(self, world: World) -> None:
        self.world, self.at, self.today = world, now(), china_date(now())
        self.platform = parties.platform()
        (third,) = parties.by_identifier(scheme="invoices_cn", values=["T3"]).values()
        self.sides = {
            "firm": world.firm.id,
            "other": world.other.id,
            "third": third,
            "lender": world.lender.id,
            "platform": self.platform.id,
        }

    def offers(self, side: str, actor: Actor = JOB) -> tuple[Offer, ...]:
        """Searched for anew."""
        at = now()
        portrait = features.latest_portrait(
            enterprise_id=self.sides[side], reader_id=self.platform.id, actor=JOB, at=at
        )
        score = credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed)
        found = matching.find_offers(
            enterprise_id=self.sides[side], portrait=portrait, score=score, as_of=self.today, actor=actor, at=at
        )
        return found.offers

    def forget_offers(self) -> None:
        """End what was offered, so that a search is one of its own."""
        matching.release_expired(actor=JOB, at=now() + timedelta(days=60))

    def facility(self) -> Any:
        """A line of the third firm, from which nothing is drawn yet."""
        key = self.decided()
        origination.accept_decision(application_id=key, actor=accepting(key), at=now())
        agreement = origination.prepare_agreement(application_id=key, actor=JOB, at=now())
        for side, hand in ((Side.FIRM, hands.of_firm), (Side.LENDER, hands.of_lender)):
            agreement = origination.sign_agreement(
                agreement_id=agreement.id, side=side, actor=hand(agreement), at=now()
            )
        return servicing.open_facility(agreement=agreement, actor=JOB, at=now())

    def draft(self, offer: Offer, **more: Any) -> ApplicationDraft:
        return ApplicationDraft(
            offer_id=offer.id,
            amount_minor=offer.amount_minor,
            term_months=offer.term_months,
            purpose=Purpose.GOODS,
            contact_name="张三",
            contact_phone="13800138000",
            declared=True,
            **more,
        )

    def applied(self, **more: Any) -> UUID:
        return origination.submit_application(draft=self.draft(self.offers("third")[0], **more), actor=JOB, at=now()).id

    def decided(self) -> UUID:
        key = self.applied()
        made = origination.decide_application(application_id=key, as_of=self.today, actor=JOB, at=now())
        assert made.outcome in {"approved", "countered"}, made.reasons
        return key

    def declined(self) -> UUID:
        origination.decide_manually(
            application_id=self.world.waiting.id, outcome=Outcome.DECLINED, reason="x", actor=JOB, at=now()
        )
        return self.world.waiting.id

    def awaiting(self) -> Any:
        firm = self.sides["third"]
        draft = consent.standard_draft(
            enterprise_id=firm, signatory=Signatory("王五", "agent", mandate_id=self.mandate(firm)), at=now()
        )
        return consent.grant_consent(draft=draft, actor=JOB, at=now())

    def mandate(self, firm: UUID) -> Any:
        return consent.submit_mandate(
            enterprise_id=firm, name="m.png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 64, actor=JOB, at=now()
        )
