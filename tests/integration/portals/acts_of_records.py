"""Each action of consent, records, features, matching, monitoring and the ledger, ready to be done by anybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from rongtong.consent import facade as consent
from rongtong.consent.contracts import AssertionDraft
from rongtong.core.actors import Actor
from rongtong.core.clock import now
from rongtong.core.ids import new_id
from rongtong.credit import facade as credit
from rongtong.features import facade as features
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountDraft, AccountKind, TransferDraft
from rongtong.matching import facade as matching
from rongtong.monitoring import facade as monitoring
from rongtong.monitoring.contracts import Disposition
from rongtong.parties import facade as parties
from rongtong.records import facade as records
from tests.authorisations import SIGNATORY
from tests.integration.portals.acts import JOB, Do, Scene, action


@action("platform")
def consent__assert_consents(s: Scene) -> Do:
    draft = AssertionDraft(text=f"协议 {new_id()}", asserted_by="导入员", items=("invoices",))
    return lambda who: consent.assert_consents(enterprise_ids=[s.sides["third"]], draft=draft, actor=who, at=s.at)


@action("platform", "user")
def consent__confirm_signatory(s: Scene) -> Do:
    waiting = s.awaiting()
    return lambda who: consent.confirm_signatory(consent_id=waiting.id, reason="已核对", actor=who, at=now())


@action("platform", "user")
def consent__reject_signatory(s: Scene) -> Do:
    waiting = s.awaiting()
    return lambda who: consent.reject_signatory(consent_id=waiting.id, reason="不符", actor=who, at=now())


@action("firm")
def consent__suspend_consent(s: Scene) -> Do:
    return lambda who: consent.suspend_consent(consent_id=s.world.consent_id, reason="", actor=who, at=now())


@action("firm")
def consent__resume_consent(s: Scene) -> Do:
    consent.suspend_consent(consent_id=s.world.consent_id, reason="", actor=JOB, at=now())
    return lambda who: consent.resume_consent(consent_id=s.world.consent_id, actor=who, at=now())


@action("firm")
def consent__revoke_consent(s: Scene) -> Do:
    return lambda who: consent.revoke_consent(consent_id=s.world.consent_id, reason="", actor=who, at=now())


def _consent_draft(s: Scene) -> Any:
    return consent.standard_draft(enterprise_id=s.sides["firm"], signatory=SIGNATORY, at=now())


@action("firm")
def consent__grant_consent(s: Scene) -> Do:
    draft = _consent_draft(s)
    return lambda who: consent.grant_consent(draft=draft, actor=who, at=now())


@action("firm")
def consent__grant_consents(s: Scene) -> Do:
    draft = _consent_draft(s)
    return lambda who: consent.grant_consents(drafts=[draft], actor=who, at=now())


@action("firm")
def consent__sign_consent(s: Scene) -> Do:
    draft = _consent_draft(s)
    return lambda who: consent.sign_consent(draft=draft, mandate=None, actor=who, at=now())


@action("firm")
def consent__submit_mandate(s: Scene) -> Do:
    content = b"\x89PNG\r\n\x1a\n" + b"1" * 64
    return lambda who: consent.submit_mandate(
        enterprise_id=s.sides["firm"], name="m.png", content=content, actor=who, at=now()
    )


@action("platform")
def features__build_portraits(s: Scene) -> Do:
    return lambda who: features.build_portraits(
        enterprise_ids=[s.sides["third"]],
        as_of=s.today - timedelta(days=20),
        reader_id=s.platform.id,
        actor=who,
        at=now(),
    )


@action("platform")
def ledger__post(s: Scene) -> Do:
    kinds = (AccountKind.COMMITMENT, AccountKind.COMMITMENT_CONTRA)
    key = new_id()

    def deed(who: Actor) -> None:
        drafts = [AccountDraft(kind, s.world.lender.id, s.world.firm.id, key) for kind in kinds]
        accounts = ledger.open_accounts(drafts=drafts, actor=who, at=now())
        debit, credit_side = (accounts[kind, key] for kind in kinds)
        transfer = TransferDraft(debit, credit_side, 100, "commitment", f"{key}:commit", s.today)
        ledger.post(transfers=[transfer], actor=who, at=now())

    return deed


@action("third", right="offered by the lenders")
def matching__find_offers(s: Scene) -> Do:
    s.forget_offers()
    return lambda who: s.offers("third", who)


@action("platform", right="offered by the lenders")
def matching__find_offers_for(s: Scene) -> Do:
    s.forget_offers()
    portrait = features.latest_portrait(enterprise_id=s.sides["third"], reader_id=s.platform.id, actor=JOB, at=now())
    score = credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed)
    return lambda who: matching.find_offers_for(firms=[(portrait, score)], as_of=s.today, actor=who, at=now())


@action("platform")
def matching__release_expired(s: Scene) -> Do:
    s.offers("third")
    return lambda who: matching.release_expired(actor=who, at=now() + timedelta(days=60))


@action("third")
def matching__release_offer(s: Scene) -> Do:
    offer = s.offers("third")[0]
    return lambda who: matching.release_offer(offer_id=offer.id, actor=who, at=now())


@action("lender")
def matching__set_capacity(s: Scene) -> Do:
    pool = matching.capacity(lender_id=s.world.lender.id)[0]
    return lambda who: matching.set_capacity(
        lender_id=s.world.lender.id,
        product_code=pool.product_code,
        total_minor=pool.total_minor + 100,
        actor=who,
        at=now(),
    )


@action("platform")
def matching__sync_products(s: Scene) -> Do:
    from rongtong.matching.actions.sync_products import packaged_products

    terms = packaged_products()
    terms[0]["days_to_cash"] += 1
    return lambda who: matching.sync_products(actor=who, at=now(), packaged=terms)


@action("platform")
def matching__withdraw_unreadable(s: Scene) -> Do:
    s.offers("third")
    for one in consent.consents_of(enterprise_id=s.sides["third"], at=now()):
        consent.revoke_consent(consent_id=one.id, reason="", actor=JOB, at=now())
    return lambda who: matching.withdraw_unreadable(enterprise_id=s.sides["third"], actor=who, at=now())


@action("platform")
def monitoring__dispose_task(s: Scene) -> Do:
    return lambda who: monitoring.dispose_task(
        task_id=s.world.task_id, disposition=Disposition.MITIGATED, note="已核实", actor=who, at=now()
    )


@action("platform", "system")
def monitoring__scan(s: Scene) -> Do:
    from rongtong.monitoring import models as rows

    rows.Task.objects.all().delete()
    return lambda who: monitoring.scan(enterprise_ids=[s.sides["firm"]], business_date=s.today, actor=who, at=now())


@action("platform", "user")  # it takes rows from files, which nothing brings back here
def records__erase_records(s: Scene) -> Do:
    return lambda who: records.erase_records(enterprise_id=s.sides["third"], reason="asked", actor=who, at=now())


@action("platform")
def records__look_up_registers(s: Scene) -> Do:
    return lambda who: records.look_up_registers(
        enterprise_id=s.world.firm.id,
        reader_id=s.world.lender.id,
        purpose="financing",
        as_of=s.today,
        actor=who,
        at=now(),
    )


def _bank(s: Scene) -> UUID:
    """A licensed bank; the lender of the market may be none."""
    for one in parties.institutions():
        licence = parties.licence_in_force(institution_id=one.id, on=s.today)
        if licence is not None and licence.type == "bank":
            return UUID(str(one.id))
    raise AssertionError("no bank")


@action("firm")
def records__name_account(s: Scene) -> Do:
    bank = _bank(s)
    return lambda who: records.name_account(
        enterprise_id=s.world.firm.id, institution_id=bank, account_number="62220000", actor=who, at=now()
    )


@action("firm")
def records__end_account(s: Scene) -> Do:
    kept = records.name_account(
        enterprise_id=s.world.firm.id, institution_id=_bank(s), account_number="62220001", actor=JOB, at=now()
    )
    return lambda who: records.end_account(keeping_id=kept.id, actor=who, at=now())
