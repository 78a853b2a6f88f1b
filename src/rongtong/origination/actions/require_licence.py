"""Let a lender act only while it holds a licence."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Licence


class LicenceLapsed(Conflict):
    """The lender has no licence in force on the day: it may neither offer a contract nor sign one."""

    code = "licence_lapsed"
    message = _("The lender has no licence in force on %(day)s.")


def require_licence(lender_id: UUID, on: date) -> Licence:
    """The licence under which a lender acts on a day (red line: licensed lenders only). Raises LicenceLapsed."""
    licence = parties.licence_in_force(institution_id=lender_id, on=on)
    if licence is None:
        raise LicenceLapsed(lender=encode_id("org", lender_id), day=on.isoformat())
    return licence
