"""Public registers: lists that the law publishes, looked up by USCC and name. No consent is asked, each look-up is kept.

征信业管理条例 (国务院令第631号) art. 13 and 21: published information may be collected without the consent of whom it is about.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
from django.utils.translation import gettext as _

from rongtong.core.http import open_client, receive
from rongtong.sources.contracts import PublicRegister
from rongtong.sources.errors import RegisterSilent

BODY_LIMIT = 1024 * 1024
_LONGEST_NAME = 100
SECONDS_PER_CALL = 30


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """What a register says of a firm on a day."""

    register: PublicRegister
    listed: bool
    """Whether the firm stands in it with something against it; in the register of firms: revoked, struck off, or not there."""
    amount_minor: int | None
    """Fen under enforcement, where the register states it."""
    digest: str
    """SHA-256 of the answer as it came, which covers all registers asked at once."""
    simulated: bool
    legal_representative: str = ""
    """Whom the register of firms names; empty in the others, and where it names nobody."""


def look_up(
    *,
    url: str,
    token: str,
    uscc: str,
    name: str,
    on: date,
    registers: Sequence[PublicRegister] = tuple(PublicRegister),
) -> tuple[RegisterAnswer, ...]:
    """Ask public registers about one firm, as of a day, by its code and name (or by name alone: a code may be empty).

    Raises RegisterSilent where there is no proper answer to each.
    """
    if not url:
        raise RegisterSilent(detail=_("none is configured"))
    request = {"subject": uscc, "name": name, "on": on.isoformat(), "registers": [one.value for one in registers]}
    headers = {"Authorization": f"Bearer {token}"} if token else None
    try:
        with open_client(headers=headers, seconds=10) as client:
            response = receive(
                client, "POST", f"{url}/registers", largest=BODY_LIMIT, seconds=SECONDS_PER_CALL, json=request
            )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise RegisterSilent(detail=type(error).__name__) from error
    if response.status != 200:
        raise RegisterSilent(detail=f"status {response.status}")
    digest = hashlib.sha256(response.content).hexdigest()
    try:
        content = json.loads(response.content)
        if content["subject"] != uscc or content["on"] != on.isoformat():
            raise ValueError("another firm or day")
        told = content["registers"]
        return tuple(_answer(one, told[one.value], digest, content.get("generated") is True) for one in registers)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RegisterSilent(detail=_("its answer is not of the agreed form")) from error


def _answer(register: PublicRegister, told: Mapping[str, Any], digest: str, simulated: bool) -> RegisterAnswer:
    """Raises ValueError, KeyError, TypeError."""
    listed, amount = told["listed"], told.get("amountFen")
    if not isinstance(listed, bool) or not (amount is None or (type(amount) is int and amount >= 0)):
        raise ValueError("listed")
    person = told.get("legalRepresentative") if register is PublicRegister.REGISTRATION else None
    if not (person is None or (isinstance(person, str) and len(person) <= _LONGEST_NAME)):
        raise ValueError("legalRepresentative")
    return RegisterAnswer(register, listed, amount, digest, simulated, (person or "").strip())
