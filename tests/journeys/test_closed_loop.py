"""The closed loop from the command line: played, killed and played on, replayed, verified, tampered with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.journeys.conftest import Home

FIRMS = "30"
END = "2026-06-30"


def counts(report: dict[str, Any]) -> dict[str, Any]:
    """What must be the same however often a run was cut off: all but times and the length of the log."""
    return {name: value for name, value in report.items() if name not in {"seconds", "decision_ms", "attested"}}


@pytest.fixture
def region(fresh_home: Home) -> Home:
    made = fresh_home.run("simulate", "--enterprises", FIRMS, "--months", "18", "--seed", "7", "--end", END)
    assert made["enterprises"] == int(FIRMS)
    assert made["landed"] > 0
    return fresh_home


class TestTheLoop:
    def test_runs_end_to_end_once_and_for_all(self, region: Home) -> None:
        report = region.run("loop", "--as-of", END)
        assert report["enterprises"] == report["portraits"] == report["scored"] == int(FIRMS)
        assert report["applications"] == report["approved"] + report["declined"] + report["referred"]
        assert 0 < report["drawn"] <= report["approved"]
        assert report["amount_drawn_minor"] > 0
        assert report["ledger_balanced"] is True
        assert report["attested"] > report["drawn"]
        again = region.run("loop", "--as-of", END)
        assert counts(again) == counts(report)

        replayed = region.run("replay")
        assert replayed["decisions"] == replayed["identical"] == report["applications"]
        verified = region.run("verify")
        assert verified.items() >= {"leaves": again["attested"], "ok": True, "first_bad": None}.items()

        closed = region.run("day", "--to", "2026-08-03")
        assert closed["ledger_balanced"] is True
        assert closed["repayments"] > 0
        assert region.run("day", "--to", "2026-08-03")["days"] == 0
        assert region.run("verify")["ok"] is True
        assert report["book"] == again["book"] == closed["book"] == "evaluation"
        assert {one["code"] for one in report["assumptions"]} == {
            "generated_consent",
            "register_not_asked",
            "simulated_banks",
        }
        self._all_its_times_are_of_the_days_played(region)

        self._a_changed_byte_is_named(region)

    def _all_its_times_are_of_the_days_played(self, region: Home) -> None:
        """Played today as of an old day: what happened, when it was recorded with the case, and the books say the same."""
        columns = region.sql(
            """SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
               AND data_type = 'timestamp with time zone' AND column_name !~ '(expires|deadline)'
               AND table_name ~ '^(matching_(match|offer)$|origination_|servicing_|monitoring_|ledger_|features_)'"""
        )
        assert len(columns) > 30
        for table, column in columns:
            ((outside,),) = region.sql(
                f"SELECT count(*) FROM {table} WHERE {column} NOT BETWEEN '{END}' AND '2026-08-04'", superuser=True
            )
            assert outside == 0, f"{table}.{column}"

    def _a_changed_byte_is_named(self, region: Home) -> None:
        tampering = "UPDATE origination_decision SET digest = repeat('0', 64)"
        assert region.sql(f"{tampering} RETURNING id") == []  # no tenant is looking: the tables' owner reaches no row
        with pytest.raises(Exception, match="append-only"):
            region.sql(tampering, superuser=True)
        ((target, byte),) = region.sql(
            "SELECT id, substr(inputs, 3, 1) FROM origination_decision ORDER BY id LIMIT 1", superuser=True
        )
        quietly = (
            "SET session_replication_role = replica; UPDATE origination_decision SET inputs = "
            "overlay(inputs placing '{}' from 3 for 1) WHERE id = '{}'"
        )
        region.sql(quietly.format("X", target), superuser=True)
        assert str(target) in region.run("verify", ok=False)["first_bad"]
        region.sql(quietly.format(byte, target), superuser=True)
        assert region.run("verify")["ok"] is True

        ((pool,),) = region.sql("SELECT id FROM matching_capacity_pool ORDER BY id LIMIT 1", superuser=True)
        by_hand = "UPDATE matching_capacity_pool SET total_minor = total_minor {} 1 WHERE id = '{}'"
        for (
            sign
        ) in "+-":  # a row that may change, no trigger put to sleep: changed back, it still is not the platform's
            region.sql(by_hand.format(sign, pool), superuser=True)
            assert str(pool) in region.run("verify", ok=False)["first_bad"]

    def test_loses_and_doubles_nothing_when_it_is_killed_anywhere(self, region: Home) -> None:
        kills = 0
        for patience in (2.5, 4.0, 5.5, 7.0, 9.0):
            process = region.start("loop", "--as-of", END)
            try:
                process.wait(timeout=patience)
                break
            except Exception:  # it still runs: the moment to kill it
                process.kill()
                process.wait(timeout=30)
                kills += 1
        report = region.run("loop", "--as-of", END)
        assert kills > 0
        assert report["applications"] == report["approved"] + report["declined"] + report["referred"]
        assert report["drawn"] == report["approved"]
        doubled = {
            "an application per offer": "SELECT offer_id FROM origination_application GROUP BY 1 HAVING count(*) > 1",
            "an agreement per application": "SELECT application_id FROM origination_agreement GROUP BY 1 HAVING count(*) > 1",
            "a loan per facility": "SELECT facility_id FROM servicing_loan GROUP BY 1 HAVING count(*) > 1",
        }
        for what, statement in doubled.items():
            assert region.sql(statement, superuser=True) == [], what
        assert region.run("replay")["identical"] == report["applications"]
        assert region.run("verify")["ok"] is True

    def test_two_homes_run_side_by_side(self, make_home: Callable[[str], Home]) -> None:
        homes = [make_home("home"), make_home("second home")]
        for home in homes:
            home.run("doctor")
        assert len({home.sql("SELECT inet_server_port()", superuser=True)[0][0] for home in homes}) == 2
