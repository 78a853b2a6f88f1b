"""How recent the sources are, and what no record at all means."""

from __future__ import annotations

from datetime import date

from rongtong.portals.portraits import freshness_of

AS_OF = date(2026, 11, 25)
DAYS = {"tax": date(2026, 11, 10), "electricity": date(2026, 9, 1), "courts": date(2020, 1, 1)}


def standings(permitted: set[str] | None) -> dict[str, str]:
    return {one.item: one.standing for one in freshness_of(DAYS, AS_OF, permitted)}


class TestFreshness:
    def test_tells_recent_from_old_and_events_never_grow_old(self) -> None:
        told = standings({"tax", "electricity", "courts"})
        assert (told["tax"], told["electricity"], told["courts"]) == ("fresh", "old", "fresh")

    def test_calls_what_was_authorised_and_holds_nothing_empty_not_unauthorised(self) -> None:
        told = standings({"tax", "electricity", "courts", "news"})
        assert told["news"] == "empty"
        assert told["invoices"] == "closed"

    def test_claims_nothing_of_authorisations_to_who_may_not_know_them(self) -> None:
        assert standings(None)["news"] == "none"
