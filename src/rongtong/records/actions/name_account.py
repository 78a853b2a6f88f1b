"""Say that a bank keeps an account of a firm: the firm or the bank says so and the other confirms it, or the operator found out."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Forbidden, Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, first_to, record
from rongtong.core.limits import one_at_a_time, refuse_beyond
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import LicenceType, OrganisationId, OrganisationKind
from rongtong.records import models
from rongtong.records.contracts import AccountKeeping, KeepingState
from rongtong.records.queries.accounts import contract
from rongtong.rulebook import facade as rulebook

_NUMBER = re.compile(r"[0-9A-Z]{4,34}")


class AccountMalformed(Invalid):
    """The number cannot be one of an account, the firm is none, or the institution is no bank with a licence in force."""

    code = "account_malformed"
    message = _("Please give an account number, a firm and a licensed bank.")


class AccountForeign(Forbidden):
    """Somebody else's account was spoken of."""

    code = "account_foreign"
    message = _("An account is named by its holder, its bank or the operator.")


class AccountSelfConfirmed(Forbidden):
    """The person who named an account for one side would confirm it for the other, by session or by key."""

    code = "account_self_confirmed"
    message = _("Another person than the one who named the account has to confirm it.")


class AccountTaken(Conflict):
    """The bank keeps the account for another firm already."""

    code = "account_taken"
    message = _("This account belongs to another holder already.")


class AccountsTooMany(Conflict):
    """A firm, or a bank, has named as many accounts within a day as it may; `retry_at` says when it may again."""

    code = "accounts_too_many"
    message = _("%(limit)s accounts were named within a day, which is the most. Please name others later.")


def name_account(
    *, enterprise_id: UUID, institution_id: UUID, account_number: str, actor: Actor, at: datetime
) -> AccountKeeping:
    """Name an account; the second of firm and bank to name it confirms it, the operator's word confirms it alone.

    Naming again what stands changes nothing. Raises AccountMalformed, AccountForeign, AccountTaken,
    AccountSelfConfirmed.
    """
    platform = parties.platform().id
    sender = actor.organisation_id or platform
    if sender not in {enterprise_id, institution_id, platform}:
        raise AccountForeign()
    number = "".join(account_number.split()).upper()
    _check(enterprise_id, institution_id, number, at)
    with as_platform(), transaction.atomic():
        held = models.AccountKeeping.objects.select_for_update().filter(
            institution_id=institution_id, account_number=number
        )
        if held.filter(state=KeepingState.CONFIRMED.value).exclude(enterprise_id=enterprise_id).exists():
            raise AccountTaken()
        row = known = held.filter(enterprise_id=enterprise_id).exclude(state=KeepingState.ENDED.value).first()
        if row is None:
            _refuse_too_many(sender, enterprise_id, actor, at)
            row = models.AccountKeeping(
                enterprise_id=enterprise_id,
                institution_id=institution_id,
                account_number=number,
                state=KeepingState.NAMED.value,
                named_by_id=sender,
                recorded_at=at,
            )
            row.save(force_insert=True)
            _record("account.named", row, actor, at)
        if row.state == KeepingState.NAMED.value and (sender == platform or sender != row.named_by_id):
            if known is not None:
                _require_another(row, actor)
            row.state, row.confirmed_by_id, row.confirmed_at = KeepingState.CONFIRMED.value, sender, at
            row.save(update_fields=["state", "confirmed_by_id", "confirmed_at"])
            _record("account.confirmed", row, actor, at)
        return contract(row)


def _refuse_too_many(sender: UUID, enterprise_id: UUID, actor: Actor, at: datetime) -> None:
    """Accounts ended since are counted, too; what the operator or a job names is not."""
    if actor.kind == "system" or sender == parties.platform().id:
        return
    one_at_a_time(f"accounts named by {sender}")
    rule = "records.accounts_named_firm_day" if sender == enterprise_id else "records.accounts_named_bank_day"
    refuse_beyond(
        models.AccountKeeping.objects.filter(named_by_id=sender),
        moment="recorded_at",
        at=at,
        limit=int(rulebook.value(rule, on=china_date(at))),
        error=AccountsTooMany,
    )


def _require_another(row: models.AccountKeeping, actor: Actor) -> None:
    """Refuse a person who named the account for one side and would confirm it for the other; a job is nobody."""
    kind, who = first_to(name="account.named", subject=encode_id("acc", row.id))
    if kind in {"user", "client"} and actor.may_be(parties.person_behind(kind=kind, actor_id=who)):
        raise AccountSelfConfirmed()


def end_account(*, keeping_id: UUID, actor: Actor, at: datetime) -> AccountKeeping:
    """Say that the bank keeps the account no more, by the firm, the bank or the operator. Raises AccountForeign."""
    with as_platform(), transaction.atomic():
        row = models.AccountKeeping.objects.select_for_update().filter(pk=keeping_id).first()
        sender = actor.organisation_id or parties.platform().id
        if row is None or sender not in {row.enterprise_id, row.institution_id, parties.platform().id}:
            raise AccountForeign()
        if row.state != KeepingState.ENDED.value:
            row.state, row.ended_at = KeepingState.ENDED.value, at
            row.save(update_fields=["state", "ended_at"])
            _record("account.ended", row, actor, at)
        return contract(row)


def _check(enterprise_id: UUID, institution_id: UUID, number: str, at: datetime) -> None:
    with as_platform():
        found = parties.organisations([enterprise_id, institution_id])
        kinds = {one.id: one.kind for one in found.values()}
        licence = parties.licence_in_force(institution_id=institution_id, on=china_date(at))
    firm = kinds.get(OrganisationId(enterprise_id)) is OrganisationKind.ENTERPRISE
    bank = licence is not None and licence.type is LicenceType.BANK
    if not (firm and bank and _NUMBER.fullmatch(number)):
        raise AccountMalformed()


def _record(name: str, row: models.AccountKeeping, actor: Actor, at: datetime) -> None:
    facts = {"bank": encode_id("org", row.institution_id), "account_ending": row.account_number[-4:]}
    record(deed=Deed(name, encode_id("acc", row.id), row.enterprise_id, facts), actor=actor, at=at)
