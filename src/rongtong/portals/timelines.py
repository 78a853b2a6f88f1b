"""Where an application stands, as pages show it: what was done, what is awaited, of whom and until when.

Origination knows the way up to the signatures; from there on the loan itself says how far it came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from rongtong.origination.contracts import Application, ApplicationState, Timeline
from rongtong.portals import wording
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import Loan, LoanState

_STOPPED = {ApplicationState.DECLINED, ApplicationState.WITHDRAWN, ApplicationState.LAPSED}
_AMOUNT = re.compile(r"¥([\d,]+\.\d\d)")


@dataclass(frozen=True)
class Step:
    """One line: `state` is done, now, stopped or empty for what is still to come."""

    title: str
    state: str
    at: datetime | date | None = None
    actor: str = ""
    text: str = ""
    next_actor: str = ""
    deadline: date | None = None
    behalf: str = ""
    right: str = ""


@dataclass(frozen=True)
class Standing:
    """The state in a word, the steps, and who has to do what by when; `actor` is `firm`, `lender`, `platform` or empty."""

    state: str
    family: str
    """The family of labels that the state belongs to."""
    steps: tuple[Step, ...]
    actor: str = ""
    who: str = ""
    title: str = ""
    text: str = ""
    deadline: date | None = None
    late: bool = False


def standing(application: Application, timeline: Timeline) -> Standing:
    """Where an application stands, its loan included."""
    loan = loan_of(application.enterprise_id, application.agreement_id)
    steps = _steps(timeline)
    if loan is None or loan.state is LoanState.INSTRUCTED:
        return Standing(
            state=application.state.value,
            family="application_state",
            steps=steps,
            actor=timeline.next_actor or "",
            who=timeline.next_actor_name,
            title=timeline.next_title,
            deadline=timeline.next_deadline,
        )
    signed = tuple(step for step in steps if step.state == "done")
    if loan.state is LoanState.REJECTED:
        refused = Step(_("The bank did not pay"), "stopped", text=loan.rejection_reason)
        return Standing(
            "rejected", "loan_state", (*signed, refused), "lender", application.lender_name, _("The payout is mended")
        )
    paid = Step(
        _("The lender has paid out"), "done", loan.activated_at, application.lender_name,
        wording.amount_words(loan.principal_minor),
    )  # fmt: skip
    if loan.state is not LoanState.ACTIVE:
        closed = Step(_("Repaid in full"), "done", loan.closed_date) if loan.state is LoanState.REPAID else None
        return Standing(loan.state.value, "loan_state", (*signed, paid, *([closed] if closed else [])))
    return _repaying(application, loan, (*signed, paid))


def loan_of(enterprise_id: UUID, agreement_id: UUID | None) -> Loan | None:
    """The first loan paid out under an agreement, if there is one yet."""
    if agreement_id is None:
        return None
    page = servicing.loans_of(enterprise_id=enterprise_id, page_size=200)
    return next((one for one in reversed(page.items) if one.agreement_id == agreement_id), None)


def _repaying(application: Application, loan: Loan, done: tuple[Step, ...]) -> Standing:
    """The firm is to pay the next instalment, or what is overdue."""
    late = loan.overdue_minor > 0
    title = _("The overdue instalment is paid") if late else _("The next instalment is paid")
    due = loan.overdue_minor if late else loan.next_due_minor
    text = wording.amount_words(due) if due else ""  # the first close of business says how much
    awaited = Step(title, "now", None, "", text, application.enterprise_name, loan.next_due_date)
    return Standing(
        state=loan.state.value,
        family="loan_state",
        steps=(*done, awaited, Step(_("Repaid in full"), "", text=wording.day_words(loan.maturity_date))),
        actor="firm",
        who=application.enterprise_name,
        title=title,
        text=text,
        deadline=loan.next_due_date,
        late=late,
    )


def _steps(timeline: Timeline) -> tuple[Step, ...]:
    """The steps with the awaited one marked; the last one done is marked as stopped where the way ended there."""
    steps: list[Step] = []
    awaited = False
    known = [step for step in timeline.steps if not (step.done and step.name == "loan.paid_out")]  # the loan tells it
    done = [step for step in known if step.done]
    for step in known:
        text = _in_words(step.detail)
        if step.done:
            ended = step is done[-1] and timeline.state in _STOPPED and timeline.next_actor is None
            behalf = step.actor_organisation if step.actor_organisation != step.actor_name else ""
            steps.append(
                Step(
                    step.title,
                    "stopped" if ended else "done",
                    step.occurred_at,
                    step.actor_name,
                    text,
                    behalf=behalf,
                    right=step.actor_right,
                )
            )
        elif not awaited and timeline.next_actor is not None:
            awaited = True
            deadline = step.deadline or timeline.next_deadline
            title = timeline.next_title or step.title
            steps.append(Step(title, "now", None, "", text, timeline.next_actor_name, deadline))
        else:
            steps.append(Step(step.title, "", None, "", text))
    return tuple(steps)


def _in_words(detail: str) -> str:
    """A step's detail; an amount in the reader's way."""
    found = _AMOUNT.fullmatch(detail)
    return wording.amount_words(int(Decimal(found[1].replace(",", "")) * 100)) if found else detail
