"""Take note that an authority withdrew a licence: the institution's products are suspended from that day."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Invalid, NotFound
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.parties import models
from rongtong.parties.actions.require_right import require_operator
from rongtong.parties.contracts import Licence
from rongtong.parties.queries.licences import contract


class LicenceUnknown(NotFound):
    """No licence has this number."""

    code = "licence_unknown"
    message = _("The register has no licence %(number)s.")


class WithdrawalMalformed(Invalid):
    """A withdrawal is dated before the licence began, or after today."""

    code = "withdrawal_malformed"
    message = _("The licence %(number)s was not in force then, or the day is still to come.")


def withdraw_licence(*, number: str, withdrawn_date: date, reason: str, actor: Actor, at: datetime) -> Licence:
    """Record the withdrawal, as the operator; a second one changes nothing.

    Raises MembershipMissing, LicenceUnknown, WithdrawalMalformed.
    """
    require_operator(actor)
    with transaction.atomic():
        row = models.Licence.objects.select_for_update().filter(number=number).first()
        if row is None:
            raise LicenceUnknown(number=number)
        if not row.valid_from <= withdrawn_date <= china_date(at):
            raise WithdrawalMalformed(number=number)
        if row.withdrawn_date is None:
            row.withdrawn_date = withdrawn_date
            row.save(update_fields=["withdrawn_date"])
            facts = {"number": number, "withdrawn_date": withdrawn_date, "reason": reason}
            record(
                deed=Deed("licence.withdrawn", encode_id("org", row.institution_id), facts=facts), actor=actor, at=at
            )
    return contract(row)
