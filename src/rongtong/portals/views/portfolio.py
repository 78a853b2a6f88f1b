"""A lender's book by five-grade class, and the whole platform's for the regulator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.portals import charts
from rongtong.portals.access import for_roles
from rongtong.portals.export import EXPORT_PAGE, exported, whole, yuan
from rongtong.portals.labels import label_of
from rongtong.portals.listing import asked, listed
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import Loan, LoanClass, LoanState, Portfolio

VIEWS = ("running", "overdue", "all")


@require_safe
@for_roles(Role.FUNDER)
def portfolio(request: Any) -> HttpResponse:
    """The lender's figures, its loans, and how many bank entries could not be booked."""
    wanted, own = asked(request), request.membership.organisation_id
    view = request.GET.get("view", "running")
    view = view if view in VIEWS else "running"
    if wanted.export:
        return _exported(wanted.export, own, view)
    page = servicing.loans_of(lender_id=own, page=wanted.page, **_which(view))
    book = servicing.portfolio(lender_id=own)
    context = {
        "book": book,
        "chart": class_chart(book),
        "classes": class_rows(book),
        "list": listed(page.items, page.total, wanted),
        "names": _names(page.items),
        "view": view,
        "views": VIEWS,
        "waiting_entries": servicing.unbooked_page(lender_id=own, page_size=1).total,
    }
    return render(request, "portals/funder/portfolio.html", context)


@require_safe
@for_roles(Role.REGULATOR, Role.OPERATOR)
def classes(request: Any) -> HttpResponse:
    """Five-grade classification of all loans, and of each lender's."""
    book = servicing.portfolio()
    lenders = [(one, servicing.portfolio(lender_id=one.id)) for one in parties.institutions()]
    if asked(request).export:
        head = [
            _("Lender"),
            _("Loans"),
            _("Outstanding"),
            *(label_of(one, "class") for one in LoanClass),
            _("Non-performing ratio"),
        ]
        rows = [_lender_row(one.name, its) for one, its in lenders]
        return exported(asked(request).export, "classification", head, rows)
    context = {
        "book": book,
        "chart": class_chart(book),
        "classes": class_rows(book),
        "lenders": lenders,
        "grades": list(LoanClass),
    }
    return render(request, "portals/regulator/classes.html", context)


def class_chart(book: Portfolio) -> charts.Chart | None:
    """The book as one stacked bar; None while nothing is lent."""
    if not book.outstanding_minor:
        return None
    amounts = [(label_of(one, "class"), book.by_class.get(one, (0, 0))[1]) for one in LoanClass]
    return charts.classes_chart(_("Five-grade classification"), amounts)


def class_rows(book: Portfolio) -> list[tuple[LoanClass, int, int]]:
    """Every class with its loans and principal."""
    return [(one, *book.by_class.get(one, (0, 0))) for one in LoanClass]


def _which(view: str) -> dict[str, Any]:
    if view == "overdue":
        return {"overdue_only": True}
    return {"states": [LoanState.INSTRUCTED, LoanState.ACTIVE]} if view == "running" else {}


def _names(loans: Iterable[Loan]) -> dict[UUID, str]:
    return {key: one.name for key, one in parties.organisations({one.enterprise_id for one in loans}).items()}


def _exported(kind: str, lender_id: UUID, view: str) -> HttpResponse:
    head = [
        _("Number"), _("Enterprise"), _("State"), _("Principal"), _("Outstanding"), _("Overdue"), _("Days overdue"),
        _("Class"), _("Annual rate"), _("Paid out"), _("Maturity"),
    ]  # fmt: skip

    def fetch(number: int) -> tuple[tuple[Loan, ...], int]:
        page = servicing.loans_of(lender_id=lender_id, page=number, page_size=EXPORT_PAGE, **_which(view))
        return page.items, page.total

    loans = whole(fetch)
    names = _names(loans)
    return exported(kind, "portfolio", head, [_loan_row(one, names) for one in loans])


def _loan_row(one: Loan, names: dict[UUID, str]) -> list[Any]:
    return [
        one.number, names.get(one.enterprise_id, ""), label_of(one.state, "loan_state"), yuan(one.principal_minor),
        yuan(one.outstanding_minor), yuan(one.overdue_minor), one.overdue_days, label_of(one.loan_class, "class"),
        str(one.annual_rate), one.start_date, one.maturity_date,
    ]  # fmt: skip


def _lender_row(name: str, book: Portfolio) -> list[Any]:
    amounts = [yuan(minor) for _grade, _count, minor in class_rows(book)]
    return [name, book.loans, yuan(book.outstanding_minor), *amounts, f"{book.non_performing_ratio:.4f}"]
