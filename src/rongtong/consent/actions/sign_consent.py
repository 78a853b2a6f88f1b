"""Sign an authorisation, with the agent's power of attorney where an agent signs."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from rongtong.consent.actions.grant_consent import grant_consent
from rongtong.consent.actions.submit_mandate import submit_mandate
from rongtong.consent.contracts import Authorisation, ConsentDraft
from rongtong.core.actors import Actor


def sign_consent(
    *, draft: ConsentDraft, mandate: tuple[str, bytes] | None, actor: Actor, at: datetime
) -> Authorisation:
    """Grant what was read; `mandate` is a file's name and content. Both or neither are kept.

    Raises what `grant_consents` and `submit_mandate` raise.
    """
    with ExitStack() as both:
        if mandate is not None and draft.signatory.role == "agent":
            both.enter_context(transaction.atomic())  # an agent's name is in no register: nothing external is asked
            name, content = mandate
            mandate_id = submit_mandate(
                enterprise_id=draft.enterprise_id, name=name, content=content, actor=actor, at=at
            )
            draft = replace(draft, signatory=replace(draft.signatory, mandate_id=mandate_id))
        return grant_consent(draft=draft, actor=actor, at=at)
