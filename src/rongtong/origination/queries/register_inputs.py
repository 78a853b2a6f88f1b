"""The look-ups in public registers as a decision keeps them: what was asked, when, what came of it, and what the rules make of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from rongtong.core.ids import encode_id
from rongtong.records.contracts import Lookup, LookupState, PublicRegister
from rongtong.rulebook import facade as rulebook

_RULES = {
    PublicRegister.DISHONEST: "origination.dishonest_debtor",
    PublicRegister.ENFORCEMENT: "origination.enforced_debtor",
    PublicRegister.REGISTRATION: "origination.registration_standing",
    PublicRegister.ABNORMAL: "origination.abnormal_operation",
}


def register_inputs(lookups: Sequence[Lookup], *, as_of: date) -> list[dict[str, Any]]:
    """One entry for each look-up, in plain values."""
    unanswered = rulebook.rule("origination.public_registers", on=as_of)
    found = []
    for one in lookups:
        rule = rulebook.rule(_RULES[one.register], on=as_of)
        answered = one.state is LookupState.ANSWERED
        found.append(
            {
                "id": encode_id("lkp", one.id),
                "register": one.register.value,
                "state": one.state.value,
                "asked_at": one.recorded_at.isoformat(),
                "as_of": one.as_of.isoformat(),
                "listed": one.listed,
                "amount_minor": one.amount_minor,
                "answer_digest": one.answer_digest,
                "leads_to": rule.value if answered else unanswered.value,
                "source": rule.source if answered else unanswered.source,
            }
        )
    return found
