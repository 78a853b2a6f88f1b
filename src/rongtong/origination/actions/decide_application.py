"""Decide an application by the lender's published rules: the automatic path of 310 (3 minutes, 1 second, 0 touches)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Item, Purpose
from rongtong.core.actors import Actor, Right, system_actor
from rongtong.core.errors import Invalid
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.features import facade as features
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.matching.contracts import ProductId
from rongtong.origination import models
from rongtong.origination.actions.move_application import ApplicationMoved, held_application
from rongtong.origination.actions.write_decision import Verdict, write_decision
from rongtong.origination.contracts import Application, ApplicationState, DecidedBy, Decision
from rongtong.origination.queries import applications
from rongtong.origination.queries.decision_inputs import automatic_inputs
from rongtong.origination.queries.decisions import decision_contract
from rongtong.origination.rules.policy import decide
from rongtong.records import facade as records
from rongtong.records.contracts import Lookup, LookupState, PublicRegister


class PortraitUnfit(Invalid):
    """The portrait given is of another firm, or of a day after the one decided for."""

    code = "portrait_unfit"
    message = _("This portrait cannot be used for this application.")


def decide_application(
    *,
    application_id: UUID,
    as_of: date,
    actor: Actor,
    at: datetime,
    portrait: Portrait | None = None,
    registers: records.Source | None = None,
) -> Decision:
    """Decide as of a day: approved, declined, or referred to the lender's desk; deciding again gives the decision made.

    The lender is the reader: without its live consent to the portrait nothing is decided, and the refusal is kept.
    Reads and decision stand under the platform as it applies the lender's rules, not under who handed the application in.
    Without a portrait the newest one up to `as_of` is taken. The public registers are looked up first, at the address
    of `registers` or else the configured one: without their answer a person decides. Raises ApplicationUnknown,
    ApplicationMoved, PortraitUnfit, ConsentMissing, PortraitMissing.
    """
    started = time.perf_counter()
    application = applications.application(application_id=application_id)
    made = _automatic_decision(application_id)
    if made is not None:
        return made
    if application.state is not ApplicationState.SUBMITTED:
        raise ApplicationMoved(application=encode_id("app", application_id), state=application.state.value)
    with as_platform():  # the platform applies the lender's rules; consent, asked next, is the door to the data
        rules = applying_rules(actor, application.lender_id)
        consents = _consents(application, rules, at)
        if portrait is None:
            portrait = _portrait(application, as_of, rules, at)
        elif portrait.enterprise_id != application.enterprise_id or portrait.as_of > as_of:
            raise PortraitUnfit(application=encode_id("app", application_id))
        lookups = records.look_up_registers(
            enterprise_id=application.enterprise_id,
            reader_id=application.lender_id,
            purpose=Purpose.FINANCING,
            as_of=as_of,
            actor=rules,
            at=at,
            source=registers,
        )
        with transaction.atomic():
            row = held_application(application_id)
            if row.state != ApplicationState.SUBMITTED.value:
                made = _automatic_decision(application_id)
                if made is not None:
                    return made
            matching.lock_exposure(enterprise_id=application.enterprise_id)
            score = credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed)
            enforced = _enforced(application.enterprise_id, lookups)
            matching.measure_firms(firms=[(portrait, score)], on=as_of, at=at, enforced=enforced)
            inputs = automatic_inputs(
                application=application,
                product=matching.product(product_id=ProductId(application.product_id)),
                portrait=portrait,
                consents=consents,
                as_of=as_of,
                lookups=lookups,
            )
            verdict = Verdict(inputs, decide(inputs), DecidedBy.AUTOMATIC, as_of, started)
            return decision_contract(write_decision(row, verdict, actor=rules, at=at))


def _enforced(enterprise_id: UUID, lookups: Sequence[Lookup]) -> dict[UUID, int]:
    """What the register of judgment debtors holds against a firm, in fen; nothing where it did not answer, or names no sum."""
    answered = [one for one in lookups if one.state is LookupState.ANSWERED]
    told = next((one for one in answered if one.register is PublicRegister.ENFORCEMENT), None)
    if told is None or (told.listed and told.amount_minor is None):
        return {}
    return {enterprise_id: told.amount_minor or 0}


def applying_rules(actor: Actor, lender_id: UUID) -> Actor:
    """Who decides: the platform, for the lender and by its rules, whoever set it going."""
    job = actor.id if actor.kind == "system" else "decide_application"
    return system_actor(job, organisation_id=lender_id, right=Right.LENDER_RULES)


def _automatic_decision(application_id: UUID) -> Decision | None:
    row = models.Decision.objects.filter(application_id=application_id, decided_by=DecidedBy.AUTOMATIC.value).first()
    return None if row is None else decision_contract(row)


def _consents(application: Application, actor: Actor, at: datetime) -> list[UUID]:
    allowed = consent.require(
        reader_id=application.lender_id,
        enterprise_ids=[application.enterprise_id],
        item=Item.PORTRAIT,
        purpose=Purpose.FINANCING,
        actor=actor,
        at=at,
    )
    return [one for one in allowed.values() if one is not None]


def _portrait(application: Application, as_of: date, actor: Actor, at: datetime) -> Portrait:
    return features.latest_portrait(
        enterprise_id=application.enterprise_id,
        reader_id=application.lender_id,
        purpose=Purpose.FINANCING,
        actor=actor,
        at=at,
        as_of=as_of,
    )
