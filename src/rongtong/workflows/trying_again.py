"""Try again what was set aside: each line by its own step, each on its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Unavailable
from rongtong.core.ids import decode_id
from rongtong.core.tenancy import as_platform
from rongtong.monitoring import facade as monitoring
from rongtong.servicing import facade as servicing
from rongtong.workflows.connections import connected
from rongtong.workflows.models import BusinessDay, SetAside
from rongtong.workflows.setting_aside import attempt

Bank = servicing.Bank | None
_BY_THE_CLOCK = ("import_statement", "close_loan", "close_line", "scan_firm")
"""What is tried again by itself; every other step comes again with its own job or the next close of a day."""


class StillSetAside(Unavailable):
    """It could not be done this time either."""

    code = "still_set_aside"
    message = _("It could not be done this time either.")


def try_again(*, actor: Actor, at: datetime, line_id: UUID | None = None) -> int:
    """Try what is set aside, or one line of it, each on its own; how many are settled now."""
    rows = SetAside.objects.filter(settled_at=None, step__in=_BY_THE_CLOCK).order_by("first_at")
    if line_id is not None:
        rows = rows.filter(pk=line_id)
    settled = 0
    with as_platform(), connected() as connection, connection.bank() as bank:
        for row in list(rows):
            do = _STEPS[row.step]
            if row.step == "import_statement" and bank is None:
                continue
            doing = partial(do, row, bank, actor, at)
            done = attempt(row.step, row.subject, doing, at=at, business_date=row.business_date)
            settled += done is not None
    return settled


def _statement(row: SetAside, bank: Bank, actor: Actor, at: datetime) -> Any:
    assert bank is not None, "asked only where there is one"
    return servicing.import_statement(
        lender_id=decode_id("org", row.subject), business_date=row.business_date, actor=actor, at=at, bank=bank
    )


def _loan(row: SetAside, bank: Bank, actor: Actor, at: datetime) -> Any:
    servicing.close_loan(loan_id=decode_id("loan", row.subject), business_date=_last_day(at), actor=actor, at=at)
    return True


def _line(row: SetAside, bank: Bank, actor: Actor, at: datetime) -> Any:
    servicing.settle_line(facility_id=decode_id("fac", row.subject), business_date=_last_day(at), actor=actor, at=at)
    return True


def _firm(row: SetAside, bank: Bank, actor: Actor, at: datetime) -> Any:
    report = monitoring.scan(
        enterprise_ids=[decode_id("ent", row.subject)], business_date=_last_day(at), actor=actor, at=at
    )
    for _subject, code, detail in report.set_aside:
        raise StillSetAside(why=f"{code}: {detail}")
    return report


_STEPS: dict[str, Callable[[SetAside, Bank, Actor, datetime], Any]] = {
    "import_statement": _statement,
    "close_loan": _loan,
    "close_line": _line,
    "scan_firm": _firm,
}


def _last_day(at: datetime) -> date:
    """The last closed day of the books; today where none is closed yet."""
    last = BusinessDay.objects.exclude(closed_at=None).order_by("-business_date").first()
    return last.business_date if last is not None else china_date(at)
