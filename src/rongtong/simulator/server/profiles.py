"""Registration as JSON: the profile as of a day, and the changes of a window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from rongtong.simulator.reference import places, words
from rongtong.simulator.server.store import Region
from rongtong.simulator.server.text import iso, yuan
from rongtong.simulator.world.calendar import day_number
from rongtong.simulator.world.events import CHANGES


def registration(region: Region, firms: Sequence[int], since: date, until: date) -> list[dict[str, Any]]:
    """One entry per firm founded by `until`; see docs/reference/simulated-sources.md."""
    rows = region.rows("registration", firms, until=until)
    per_firm: dict[int, list[tuple[int, int, int]]] = {firm: [] for firm in firms}
    for firm, day, change, detail in zip(
        *(rows[name].tolist() for name in ("firm", "day", "change", "detail")), strict=True
    ):
        per_firm[firm].append((day, change, detail))
    last = day_number(until)
    return [
        _entry(region, firm, sorted(per_firm[firm]), day_number(since))
        for firm in firms
        if int(str(region.parties["established_day"][firm])) <= last
    ]


def legal_representative(region: Region, firm: int, on: date) -> str:
    """Whom the register names on a day; nobody before the firm was founded."""
    entries = registration(region, [firm], on, on)
    return str(entries[0]["legalRepresentative"]) if entries else ""


def _entry(region: Region, firm: int, changes: list[tuple[int, int, int]], since: int) -> dict[str, Any]:
    profile = _Profile(region, firm)
    shown = []
    for number, (day, change, detail) in enumerate(changes):
        before, after = profile.apply(CHANGES[change], detail)
        if change == 0 or day >= since:
            shown.append(
                {
                    "changeNo": f"{profile.uscc[2:8]}{iso(day).replace('-', '')}{change}{number:03d}{profile.uscc[-6:]}",
                    "date": iso(day),
                    "type": CHANGES[change],
                    "before": before,
                    "after": after,
                    "registeredCapital": yuan(profile.capital),
                    "paidInCapital": yuan(profile.paid_in),
                }
            )
    return {**profile.shown(), "changes": shown}


class _Profile:
    """A firm's registered facts, moving with its changes."""

    def __init__(self, region: Region, firm: int) -> None:
        parties = region.parties
        self._parties, self._firm = parties, firm
        self.uscc = str(parties["uscc"][firm])
        self.capital = int(str(parties["registered_capital_fen"][firm]))
        self.paid_in = int(str(parties["paid_in_fen"][firm]))
        self.legal_rep = str(parties["legal_rep"][firm])
        self.second = str(parties["second_holder"][firm])
        self.share = int(str(parties["holder_share"][firm]))
        self.address = str(parties["address"][firm])
        self.status = "存续"

    def apply(self, change: str, detail: int) -> tuple[str, str]:
        """Make a change; returns its texts before and after."""
        if change == "established":
            return "", str(self._parties["name"][self._firm])
        if change == "capital":
            texts = f"{yuan(self.capital)}元", f"{yuan(detail)}元"
            self.capital, self.paid_in = detail, min(self.paid_in, detail)
            return texts
        if change == "legal_rep":
            before, self.legal_rep = self.legal_rep, _person(detail)
            return before, self.legal_rep
        if change == "address":
            before = self.address
            street = places.STREETS[detail % len(places.STREETS)]
            self.address = f"{self._parties['city'][self._firm]}{street}{detail // 16 % 980 + 1}号"
            return before, self.address
        if change == "shareholders":
            before, self.second = self._holders(), _person(detail // 3)
            self.share = 51 + detail % 40
            return before, self._holders()
        if change in ("abnormal_listed", "abnormal_removed"):
            reasons = ("未按规定公示年度报告", "通过登记的住所无法联系", "公示信息隐瞒真实情况")
            reason = reasons[detail % len(reasons)]
            self.status = "存续（列入经营异常名录）" if change == "abnormal_listed" else "存续"
            return ("", reason) if change == "abnormal_listed" else (reason, "已移出经营异常名录")
        if change == "equity_pledge":
            return "", f"{self.legal_rep}出质股权{10 + detail % 41}%，登记状态：有效"
        before, self.status = self.status, "吊销，未注销"
        return before, self.status

    def shown(self) -> dict[str, Any]:
        """The profile as it stands."""
        return {
            "uscc": self.uscc,
            "name": self._parties["name"][self._firm],
            "status": self.status,
            "legalRepresentative": self.legal_rep,
            "establishedDate": iso(int(str(self._parties["established_day"][self._firm]))),
            "registeredCapital": yuan(self.capital),
            "paidInCapital": yuan(self.paid_in),
            "regionCode": self._parties["region_code"][self._firm],
            "industryCode": self._parties["industry_code"][self._firm],
            "address": self.address,
            "shareholders": [
                {"name": self.legal_rep, "type": "person", "uscc": None, "ratio": f"{self.share}.00"},
                {"name": self.second, "type": "person", "uscc": None, "ratio": f"{100 - self.share}.00"},
            ],
        }

    def _holders(self) -> str:
        return f"{self.legal_rep} {self.share}%；{self.second} {100 - self.share}%"


def _person(detail: int) -> str:
    first = words.SURNAMES[detail % len(words.SURNAMES)]
    middle = words.GIVEN_FIRST[detail // 101 % len(words.GIVEN_FIRST)]
    return first + middle + words.GIVEN_SECOND[detail // 4409 % len(words.GIVEN_SECOND)]
