"""The second pair of eyes: another person at the lender confirms a proposed decision."""

from __future__ import annotations

import time
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor, Right
from rongtong.core.errors import Conflict, Forbidden, NotFound
from rongtong.matching import facade as matching
from rongtong.origination import models
from rongtong.origination.actions.decide_manually import judge_proposal
from rongtong.origination.actions.move_application import held_application
from rongtong.origination.actions.require_party import require_party
from rongtong.origination.actions.write_decision import write_decision
from rongtong.origination.contracts import Decision
from rongtong.origination.queries import applications
from rongtong.origination.queries.decisions import decision_contract


class ProposalUnknown(NotFound):
    """There is no proposed decision under this id, or not for who asks."""

    code = "proposal_unknown"
    message = _("There is no such proposal.")


class ProposalClosed(Conflict):
    """The proposed decision was confirmed, or another one took its place."""

    code = "proposal_closed"
    message = _("This proposal is no longer open.")


class SecondPersonNeeded(Forbidden):
    """Who proposed a decision may not confirm it, by session or by key; nor a key whose maker is not known."""

    code = "second_person_needed"
    message = _("Another person than the proposer has to confirm this.")


def confirm_proposal(*, proposal_id: UUID, actor: Actor, at: datetime) -> Decision:
    """Make a proposed decision one. Raises ProposalUnknown, ProposalClosed, SecondPersonNeeded, NotAParty, and as `decide_manually`."""
    started = time.perf_counter()
    proposal = models.Proposal.objects.filter(id=proposal_id).first()
    if proposal is None:
        raise ProposalUnknown()
    require_party(actor, proposal.lender_id)
    if actor.may_be(proposal.proposer_id):
        raise SecondPersonNeeded()
    application = applications.application(application_id=proposal.application_id)
    if proposal.state != "pending":
        raise ProposalClosed(state=proposal.state)
    with transaction.atomic():
        row = held_application(application.id)
        matching.lock_exposure(enterprise_id=application.enterprise_id)
        verdict = judge_proposal(application, proposal, started=started, at=at)
        if not models.Proposal.objects.filter(id=proposal_id, state="pending").update(state="confirmed"):
            raise ProposalClosed(state="confirmed")
        return decision_contract(write_decision(row, verdict, actor=actor.by(Right.SECOND_PERSON), at=at))
