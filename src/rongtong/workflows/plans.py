"""What a run of the loop is going to do: for whom, in which book, with whose banks. Said before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Item
from rongtong.core.clock import china_date
from rongtong.core.errors import Forbidden, Invalid
from rongtong.core.tenancy import Book, as_platform
from rongtong.parties import facade as parties
from rongtong.records import facade as records


class ApplyingUnconfirmed(Forbidden):
    """Applications in firms' own names bind them: whoever makes them says so, or the installation is a demonstration."""

    code = "applying_unconfirmed"
    message = _(
        "This would make live applications in the names of %(enterprises)s firms. "
        "Say --yes-apply-for-them if that is what they asked for."
    )


class LiveRunNotToday(Invalid):
    """A live application is made on the day that it is made; as of another day there are evaluations."""

    code = "live_run_not_today"
    message = _("Live applications are made as of today, %(today)s, not as of %(as_of)s.")


class NobodyToApplyFor(Invalid):
    """Live applications were asked for, and none of the firms has an authorisation of its own in force."""

    code = "nobody_to_apply_for"
    message = _("None of these firms has an authorisation of its own in force: there is nobody to apply for.")


@dataclass(frozen=True, slots=True)
class LoopPlan:
    """Which firms a run is over, and in which book; the other numbers are of firms that it leaves alone."""

    as_of: date
    book: Book
    enterprise_ids: tuple[UUID, ...]
    own: int
    """Firms with an authorisation of their own in force."""
    asserted: int
    """Firms of which an importer asserts one."""
    made_up: int
    """Generated firms outside of a demonstration, whose authorisations nobody gave."""
    unauthorised: int
    """Firms with records and none of these."""
    lenders: tuple[str, ...]

    @property
    def left_out(self) -> int:
        """Firms that might have applied for real, and are left alone."""
        return self.own if self.book is Book.EVALUATION else 0

    def lines(self) -> list[str]:
        """The plan in words."""
        facts = {
            "firms": len(self.enterprise_ids),
            "as_of": self.as_of.isoformat(),
            "asserted": self.asserted,
            "made_up": self.made_up,
            "own": self.own,
            "lenders": ", ".join(self.lenders) or "—",
        }
        if self.book is Book.EVALUATION:
            lines = [
                _("An evaluation of %(firms)s firms as of %(as_of)s: nobody is bound, no order goes to a real bank.")
                % facts,
                _("Read on what an importer asserts: %(asserted)s firms; generated: %(made_up)s firms.") % facts,
            ]
            if self.own:
                lines.append(
                    _("Left out: %(own)s firms that authorised it themselves; for them, see --yes-apply-for-them.")
                    % facts
                )
        else:
            bank = (
                _("simulated banks pay")
                if settings.DEMO
                else _("with contact and account as each firm named them; it and the lender sign themselves")
            )
            lines = [
                _("LIVE applications in the names of %(firms)s firms as of %(as_of)s; %(bank)s.")
                % {**facts, "bank": bank}
            ]
        if self.unauthorised:
            lines.append(_("Passed over: %(count)s firms without any authorisation.") % {"count": self.unauthorised})
        return [str(line) for line in (*lines, _("Lenders: %(lenders)s") % facts)]


def plan_loop(
    *, as_of: date, at: datetime, enterprise_ids: Sequence[UUID] | None = None, apply_for_them: bool = False
) -> LoopPlan:
    """Decide what a run over the given firms, or all with records, is: live for firms that authorised it, or an evaluation.

    Firms of which an authorisation is asserted, and generated ones outside of a demonstration, are evaluated. Live
    applications are made where there is nobody to evaluate in a demonstration, or where the caller says so. Raises
    ApplyingUnconfirmed, LiveRunNotToday, NobodyToApplyFor.
    """
    with as_platform():
        wanted = list(records.enterprises_with_records() if enterprise_ids is None else dict.fromkeys(enterprise_ids))
        generated = {one.id for one in parties.organisations(wanted).values() if one.generated}
        asserted = consent.asserted(enterprise_ids=wanted, items=[Item.PORTRAIT], at=at)
        live = consent.with_live_consent(enterprise_ids=wanted, at=at)
        made_up = [one for one in wanted if one in live and one in generated and not settings.DEMO]
        own = [one for one in wanted if one in live and (settings.DEMO or one not in generated)]
        evaluated = [one for one in wanted if one in asserted or one in set(made_up)]
        book = Book.LIVE if apply_for_them or (own and not evaluated) else Book.EVALUATION
        if book is Book.LIVE:
            _check_live(own, as_of, at, apply_for_them)
        elif enterprise_ids is not None and (unasked := set(own) - set(evaluated)):
            raise ApplyingUnconfirmed(enterprises=len(unasked))
        return LoopPlan(
            as_of=as_of,
            book=book,
            enterprise_ids=tuple(own if book is Book.LIVE else evaluated),
            own=len(own),
            asserted=len(asserted),
            made_up=len(made_up),
            unauthorised=len([one for one in wanted if one not in live and one not in asserted]),
            lenders=tuple(one.name for one in parties.institutions()),
        )


def _check_live(own: Sequence[UUID], as_of: date, at: datetime, apply_for_them: bool) -> None:
    if not own:
        raise NobodyToApplyFor()
    if settings.DEMO:
        return
    if not apply_for_them:
        raise ApplyingUnconfirmed(enterprises=len(own))
    if as_of != china_date(at):
        raise LiveRunNotToday(today=china_date(at).isoformat(), as_of=as_of.isoformat())
