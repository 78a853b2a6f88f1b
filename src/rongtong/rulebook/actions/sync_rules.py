"""Bring the packaged rules into the table."""

from __future__ import annotations

from rongtong.core.actors import Actor
from rongtong.rulebook.actions.record_rules import insert_rules
from rongtong.rulebook.adapters.packaged import packaged_rules


def sync_rules(*, actor: Actor) -> int:
    """Add the packaged rows that the table has never held; say how many. Safe to run again, and by several at once.

    A packaged row that the operator corrected since is known already, so the correction stays.
    """
    return len(insert_rules(rules=packaged_rules(), actor=actor, again=False))
