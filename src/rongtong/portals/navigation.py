"""The places of each role, in the order of its day."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongtong.parties.contracts import Role


@dataclass(frozen=True)
class Place:
    """One entry: its name, its page, and the other pages under it by their url names' beginning."""

    title: str | Promise
    url_name: str
    under: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return reverse(f"portals:{self.url_name}")

    def holds(self, url_name: str) -> bool:
        """Whether a page belongs to this place."""
        return url_name == self.url_name or url_name.startswith(self.under)


_OWNER = (
    Place(_("Overview"), "owner_home"),
    Place(_("Portrait"), "owner_portrait"),
    Place(_("Consents"), "owner_consents", ("owner_consent",)),
    Place(_("Offers"), "owner_offers", ("owner_offer", "owner_apply")),
    Place(_("Applications"), "owner_applications", ("owner_application", "agreement")),
    Place(_("Loans"), "loans", ("loan",)),
)

PLACES: dict[Role, tuple[Place, ...]] = {
    Role.OWNER: _OWNER,
    Role.BOOKKEEPER: _OWNER,
    Role.FUNDER: (
        Place(_("Decisions"), "funder_home", ("funder_case", "agreement")),
        Place(_("Portfolio"), "funder_portfolio", ("loan", "entries")),
        Place(_("Products and capacity"), "funder_products", ("funder_product",)),
        Place(_("Warnings"), "warnings", ("warning",)),
        Place(_("Related parties"), "related_parties"),
    ),
    Role.OPERATOR: (
        Place(_("Today"), "operator_home"),
        Place(_("Overdue cases"), "overdue", ("entries",)),
        Place(_("Warnings"), "warnings", ("warning",)),
        Place(_("Data"), "data", ("batch",)),
        Place(_("Enterprises"), "enterprises", ("enterprise",)),
        Place(_("Signatures"), "operator_signatures"),
        Place(_("Institutions"), "institutions", ("institution",)),
        Place(_("Related parties"), "related_parties"),
        Place(_("Evaluations"), "evaluations", ("evaluation",)),
        Place(_("Jobs and health"), "health"),
    ),
    Role.REGULATOR: (
        Place(_("Overview"), "regulator_home"),
        Place(_("Decisions"), "regulator_decisions", ("regulator_decision",)),
        Place(_("Use of data"), "regulator_accesses"),
        Place(_("Evidence check"), "evidence", ("evidence",)),
        Place(_("Rulebook"), "rulebook"),
        Place(_("Classification"), "regulator_classes"),
        Place(_("Evaluations"), "evaluations", ("evaluation",)),
    ),
}

HOMES: dict[Role, str] = {role: places[0].url_name for role, places in PLACES.items()}
