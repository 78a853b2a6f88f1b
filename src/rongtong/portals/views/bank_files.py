"""Files of a lender's own bank: its statement, and what it says to payment orders, where the bank does not send them itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.core.clock import now
from rongtong.core.errors import Invalid
from rongtong.core.uploads import takes_files
from rongtong.parties.contracts import Role
from rongtong.parties.facade import Action
from rongtong.portals.access import deed_only, for_action
from rongtong.portals.deeds import attempt
from rongtong.portals.once import once
from rongtong.servicing import facade as servicing

_LARGEST = 20 * 1024 * 1024


class BankFileMissing(Invalid):
    """The form came without a file, or with one that is too large."""

    code = "bank_file_missing"
    message = gettext_lazy("Please choose a file of at most 20 MB.")


@takes_files(largest=_LARGEST, roles=(Role.FUNDER,))
@deed_only
@for_action(Action.IMPORT_STATEMENT)
@once
def statement(request: Any) -> HttpResponse:
    """Import a statement of the lender's bank (camt.054 or CSV)."""
    return _take(
        request,
        servicing.import_statement,
        lambda made: (
            _("%(entries)s entries read: %(repayments)s repayments and %(payouts)s payouts booked, %(left)s wait.")
            % {
                "entries": made.entries,
                "repayments": made.repayments,
                "payouts": made.payouts,
                "left": made.exceptions,
            }
        ),
    )


@takes_files(largest=_LARGEST, roles=(Role.FUNDER,))
@deed_only
@for_action(Action.RECEIVE_STATUS)
@once
def payment_report(request: Any) -> HttpResponse:
    """Take in what the lender's bank says to payment orders (pain.002)."""
    return _take(
        request,
        servicing.receive_status,
        lambda made: (
            _("%(accepted)s orders carried out, %(rejected)s refused.")
            % {"accepted": made.accepted, "rejected": made.rejected}
        ),
    )


def _take(request: Any, action: Callable[..., Any], done: Callable[[Any], str]) -> HttpResponse:
    here = reverse("portals:funder_portfolio")
    file = request.FILES.get("file")

    def deed() -> Any:
        if file is None or file.size > _LARGEST:
            raise BankFileMissing()
        lender = request.membership.organisation_id
        return action(lender_id=lender, content=file.read(), actor=request.actor, at=now())

    return attempt(request, deed, done=done, then=here, otherwise=here)
