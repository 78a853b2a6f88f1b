"""Collecting from the eight simulated sources: what each firm has authorised, once, whatever a source does."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rongtong.consent import facade as consent
from rongtong.records import facade as records
from rongtong.records.contracts import ITEMS
from rongtong.simulator import facade as simulator

END = date(2026, 10, 31)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("region")
    simulator.generate_region(enterprises=6, months=6, seed=3, end_date=END, folder=folder)
    with simulator.serving(folder, token="t0k3n") as url:
        yield folder, str(url)


@pytest.fixture
def firms(market, region, settings):
    folder, url = region
    settings.SOURCES_URL, settings.SOURCES_TOKEN = url, "t0k3n"
    return market.register(*(one.uscc for one in simulator.enterprise_drafts(folder)), generated=True)


def collect(market, firms, *, kinds=ITEMS, until: date = END, at=None):
    return records.collect(
        enterprise_ids=[one.id for one in firms], kinds=kinds, until=until, actor=market.actor, at=at or market.at
    )


class TestCollectRecords:
    def test_lands_all_eight_kinds_and_refuses_no_row(self, market, firms) -> None:
        market.authorise(*firms)
        reports = collect(market, firms)
        assert set(reports) == set(ITEMS)
        for item, report in reports.items():
            assert (report.quarantined, report.unavailable, report.refused) == (0, "", 0), item
            assert report.rows_read == report.landed + report.duplicates
        assert (
            min(reports[item].landed for item in ("registration", "tax", "invoices", "bank_flows", "electricity")) > 0
        )
        rows = market.read(firms[0].id, item="invoices").table
        assert rows["generated"].to_pylist() == [True] * rows.num_rows
        assert {"sale", "purchase"} >= set(rows["direction"].to_pylist())
        assert set(records.coverage(enterprise_ids=[firms[0].id])[firms[0].id]) == set(ITEMS)

    def test_lands_nothing_twice_and_then_only_what_is_new(self, market, firms) -> None:
        market.authorise(*firms)
        kinds = ["tax", "electricity"]
        first = collect(market, firms, kinds=kinds, until=END - timedelta(days=31))
        assert all(report.landed for report in first.values())
        again = collect(market, firms, kinds=kinds, until=END - timedelta(days=31))
        assert [report.landed for report in again.values()] == [0, 0]
        later = collect(market, firms, kinds=kinds, until=END)
        assert 0 < later["electricity"].landed <= 31 * len(firms)
        assert later["electricity"].rows_read < first["electricity"].rows_read

    def test_asks_anew_for_what_a_wider_authorisation_opens(self, market, firms) -> None:
        """What lies before the first days asked for was never asked: that nothing is held of it says nothing."""
        (narrow,) = market.authorise(firms[0], since=END - timedelta(days=40))
        first = collect(market, firms[:1], kinds=["electricity"])["electricity"]
        later = market.at + timedelta(days=1)
        consent.revoke_consent(consent_id=narrow.id, reason="扩大范围", actor=market.actor, at=later)
        market.authorise(firms[0], at=later)
        wider = collect(market, firms[:1], kinds=["electricity"], at=later + timedelta(hours=1))["electricity"]
        assert 0 < first.landed <= 41 < wider.landed
        again = collect(market, firms[:1], kinds=["electricity"], at=later + timedelta(hours=2))["electricity"]
        assert (again.landed, again.rows_read <= 8) == (0, True)

    def test_passes_over_firms_that_have_not_authorised_it_and_keeps_the_refusal(self, market, firms) -> None:
        market.authorise(*firms[:2], items=["courts", "electricity"])
        report = collect(market, firms, kinds=["electricity"])["electricity"]
        assert report.refused == len(firms) - 2
        assert set(records.freshness(enterprise_ids=[one.id for one in firms])) == {one.id for one in firms[:2]}
        assert consent.accesses_of(enterprise_id=firms[3].id).items[0].refusal == "no_consent"

    def test_stops_the_moment_an_authorisation_is_revoked(self, market, firms) -> None:
        (one,) = market.authorise(firms[0])
        later = market.at + timedelta(days=1)
        consent.revoke_consent(consent_id=one.id, reason="不再需要", actor=market.actor, at=later)
        assert collect(market, firms[:1], kinds=["tax"], at=later)["tax"].refused == 1

    def test_names_a_source_that_is_dead_and_goes_on_with_the_others(self, market, firms, settings) -> None:
        market.authorise(*firms)
        settings.SOURCES_URL = "http://127.0.0.1:9"
        reports = collect(market, firms, kinds=["tax", "courts"])
        assert [report.unavailable for report in reports.values()] == ["source_unavailable"] * 2

    def test_names_a_source_that_refuses(self, market, firms, settings) -> None:
        market.authorise(*firms)
        settings.SOURCES_TOKEN = "wrong"
        assert collect(market, firms, kinds=["tax"])["tax"].unavailable == "source_refused"

    def test_asks_again_for_what_a_failing_source_has_not_told(self, market, firms, settings) -> None:
        market.authorise(*firms)
        url = settings.SOURCES_URL
        settings.SOURCES_URL = "http://127.0.0.1:9"
        collect(market, firms, kinds=["tax"])
        settings.SOURCES_URL = url
        assert collect(market, firms, kinds=["tax"])["tax"].landed > 0

    def test_lets_a_source_that_talks_nonsense_harm_nobody(self, market, firms, settings) -> None:
        market.authorise(*firms)
        with Babbling() as url:
            settings.SOURCES_URL = url
            reports = collect(market, firms)
        assert {report.unavailable for report in reports.values()} == {"message_malformed"}
        assert sum(report.landed for report in reports.values()) == 0

    def test_knows_nothing_of_firms_without_a_uscc(self, market, firms) -> None:
        market.import_files(["E1,1,2019-07-18,B1,100.00,13.00,113.00,有效发票"])
        report = records.collect(
            enterprise_ids=[market.firm()], kinds=["tax"], until=END, actor=market.actor, at=market.at
        )["tax"]
        assert report.rows_read == 0


class Babbling:
    """A source that answers everything with the same nonsense."""

    def __enter__(self) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", "22")
                self.end_headers()
                self.wfile.write(b"<html>sorry, \x00\xff</html>"[:22])

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
