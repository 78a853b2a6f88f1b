"""Record rules that came after the package, such as next month's LPR, or that correct a packaged row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from rongtong.core.actors import Actor
from rongtong.core.journal import Deed, record_all
from rongtong.rulebook import queries
from rongtong.rulebook.contracts import Rule
from rongtong.rulebook.models import RuleRow
from rongtong.rulebook.rules import fingerprint

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('rulebook_rule'))"


def record_rules(*, rules: Sequence[Rule], actor: Actor, at: datetime) -> tuple[Rule, ...]:
    """Add rows; a row of a known rule and first day supersedes it. Returns those added; one said already adds nothing.

    Reads see them once the transaction is committed.
    """
    with transaction.atomic():
        added = insert_rules(rules=rules, actor=actor, again=True)
        record_all(
            deeds=[
                Deed(
                    "rule.recorded",
                    subject=row.id,
                    facts={"value": row.value, "effective_from": row.effective_from, "source": row.source},
                )
                for row in added
            ],
            actor=actor,
            at=at,
        )
    return added


def insert_rules(*, rules: Sequence[Rule], actor: Actor, again: bool) -> tuple[Rule, ...]:
    """Insert what is new: against the last revision where `again`, else against all revisions ever."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME)
        seen: dict[tuple[str, object], list[str]] = defaultdict(list)
        rows = RuleRow.objects.filter(rule_id__in={rule.id for rule in rules}).order_by("revision")
        for rule_id, start, mark in rows.values_list("rule_id", "effective_from", "fingerprint"):
            seen[rule_id, start].append(mark)
        fresh, added = [], []
        for rule in rules:
            mark, known = fingerprint(rule), seen[rule.id, rule.effective_from]
            if mark in (known[-1:] if again else known):
                continue
            fresh.append(_row(rule, mark, len(known) + 1, actor))
            added.append(rule)
            known.append(mark)
        RuleRow.objects.bulk_create(fresh, batch_size=500)
        transaction.on_commit(queries.forget)
    return tuple(added)


def _row(rule: Rule, mark: str, revision: int, actor: Actor) -> RuleRow:
    return RuleRow(
        rule_id=rule.id,
        effective_from=rule.effective_from,
        revision=revision,
        value=rule.value,
        unit=rule.unit,
        title_en=rule.title_en,
        title_zh=rule.title_zh,
        source=rule.source,
        effective_to=rule.effective_to,
        needs_review=rule.needs_review,
        fingerprint=mark,
        recorded_by=str(actor),
        **actor.behalf(),
    )
