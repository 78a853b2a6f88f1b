"""Lists of applications as files: a lender's queue and all its cases, a firm's own applications."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from rongtong.core.ids import encode_id
from rongtong.origination.contracts import Application, QueueRow
from rongtong.portals import wording
from rongtong.portals.export import exported, yuan
from rongtong.portals.labels import label_of


def export_queue(kind: str, rows: Iterable[QueueRow]) -> HttpResponse:
    """What waits at a desk, with the reasons and the day by which the firm is owed an answer."""
    head = [*_head(), _("Score"), _("Grade"), _("Why it is here"), _("Answer by")]
    chinese = wording.in_chinese()
    filled = [
        [
            *_row(one.application), one.score, one.grade or "",
            "; ".join(one.reasons_zh if chinese else one.reasons_en), one.deadline,
        ]
        for one in rows
    ]  # fmt: skip
    return exported(kind, "queue", head, filled)


def export_applications(kind: str, rows: Iterable[Application]) -> HttpResponse:
    """Applications with their terms and state."""
    return exported(kind, "applications", _head(), [_row(one) for one in rows])


def _head() -> list[str]:
    return [
        _("Number"), _("Enterprise"), _("Lender"), _("Product"), _("Amount"), _("Term in months"), _("Annual rate"),
        _("Handed in"), _("State"),
    ]  # fmt: skip


def _row(one: Application) -> list[Any]:
    return [
        encode_id("app", one.id), one.enterprise_name, one.lender_name,
        one.product_name_zh if wording.in_chinese() else one.product_name_en, yuan(one.amount_minor), one.term_months,
        wording.percent_words(one.annual_rate), one.submitted_at, label_of(one.state, "application_state"),
    ]  # fmt: skip
