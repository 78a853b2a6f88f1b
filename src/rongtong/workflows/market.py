"""Setting up the market: the operator, the regulator, the lenders with their licences, the products. Safe to run again."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rongtong.core.actors import Actor
from rongtong.matching import facade as matching
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Licence, LicenceType, Organisation

_DATA = Path(__file__).parent / "data"
LENDER_SCHEME = "rongtong.lender"


def prepare_market(*, actor: Actor, at: datetime) -> tuple[Organisation, ...]:
    """Register who must be there before a firm can be financed, and the products on offer; give the lenders back."""
    parties.platform()
    parties.regulator()
    lenders = tuple(_register(row, actor, at) for row in json.loads((_DATA / "institutions.json").read_text()))
    matching.sync_products(actor=actor, at=at)
    return lenders


def _register(row: dict[str, Any], actor: Actor, at: datetime) -> Organisation:
    licence = row["licence"]
    return parties.register_institution(
        name=row["name"],
        code=row["code"],
        uscc=row["uscc"],
        licence=Licence(
            type=LicenceType(licence["type"]),
            number=licence["number"],
            scope=tuple(licence["scope"]),
            region_code=licence["region_code"],
            valid_from=date.fromisoformat(licence["valid_from"]),
            valid_to=date.fromisoformat(licence["valid_to"]),
        ),
        region_code=row["region_code"],
        actor=actor,
        at=at,
        generated=True,
    )
