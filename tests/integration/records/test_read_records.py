"""Reading records: never without consent, as of any day, as known at any moment, to the same bytes."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from rongtong.consent import facade as consent
from rongtong.core.ids import new_id
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_tenant
from rongtong.parties import facade as parties
from rongtong.records import facade as records
from rongtong.records.adapters import tables, upkeep
from rongtong.records.contracts import RECORD_SCHEMAS
from rongtong.records.models import RefusedRow
from rongtong.sources.contracts import SourceKind


def line(number: int, firm: str = "E1", *, day: str = "2019-07-18", status: str = "有效发票") -> str:
    return f"{firm},{number},{day},B1,100.00,13.00,113.00,{status}"


class TestConsent:
    def test_a_read_without_it_is_refused_and_kept(self, market) -> None:
        market.import_files([line(1)])
        stranger = market.register("91330282500517241R")[0]
        with pytest.raises(consent.ConsentMissing):
            market.read(reader=stranger.id)
        refusal = AuditEntry.objects.get(action="consent.refused")
        assert refusal.enterprise_id == market.firm()
        assert consent.accesses_of(enterprise_id=market.firm()).items[0].refusal == "not_grantee"

    @pytest.mark.parametrize("asked", [{"item": "bank_flows"}, {"purpose": "post_loan", "item": "tax"}])
    def test_a_read_beyond_it_is_refused(self, market, asked: dict[str, str]) -> None:
        market.import_files([line(1)])
        with pytest.raises(consent.ConsentMissing):
            market.read(**asked)

    def test_a_read_after_it_was_revoked_is_refused(self, market) -> None:
        market.import_files([line(1)])
        (one,) = consent.consents_of(enterprise_id=market.firm(), at=market.at)
        later = market.at + timedelta(days=1)
        consent.revoke_consent(consent_id=one.id, reason="不再需要", actor=market.actor, at=later)
        with pytest.raises(consent.ConsentMissing):
            market.read(at=later)

    def test_shows_nothing_outside_the_span_that_is_authorised_now(self, market) -> None:
        market.import_files([line(1, day="2016-07-18"), line(2, day="2019-07-18")])
        (wide,) = consent.consents_of(enterprise_id=market.firm(), at=market.at)
        market.authorise(parties.organisation(market.firm()), since=date(2018, 1, 1), at=market.at)
        rows = market.read().table["row_id"].to_pylist()
        assert len(rows) == 2
        consent.revoke_consent(consent_id=wide.id, reason="", actor=market.actor, at=market.at)
        assert market.read(columns=["invoice_no"]).table.to_pydict() == {"invoice_no": ["2"]}
        asked = {"reader_id": market.platform.id, "purpose": "financing", "actor": market.actor, "at": market.at}
        traced = records.provenance(item="invoices", row_ids=rows, **asked)
        assert [one.occurred_date for one in traced] == [date(2019, 7, 18)]
        assert market.read(reader=market.firm()).table.num_rows == 2

    def test_one_firm_without_it_refuses_all_and_read_permitted_gives_the_others(self, market) -> None:
        market.import_files([line(1), line(2, "E2")])
        other = market.register("91330282500517241R")[0]
        firms = [market.firm("E1"), market.firm("E2"), other.id]
        with pytest.raises(consent.ConsentMissing):
            market.read(*firms)
        read = records.read_permitted(
            reader_id=market.platform.id,
            enterprise_ids=firms,
            item="invoices",
            purpose="financing",
            actor=market.actor,
            at=market.at,
            as_of=date(2026, 1, 1),
        )
        assert set(read.consents) == set(firms[:2])
        assert read.table.num_rows == 2

    def test_a_firm_reads_its_own_records_without_any(self, market) -> None:
        market.import_files([line(1)])
        with as_tenant(market.firm()):
            read = market.read(market.firm(), reader=market.firm())
        assert read.table.num_rows == 1
        assert read.consents == {market.firm(): None}

    def test_every_read_is_kept_with_the_consent_that_covered_it(self, market) -> None:
        market.import_files([line(1)])
        read = market.read()
        (used, *_) = consent.accesses_of(enterprise_id=market.firm()).items
        assert used.consent_id == read.consents[market.firm()]

    def test_many_firms_are_asked_about_at_once(self, market, django_assert_max_num_queries) -> None:
        market.import_files([line(number, f"E{number}") for number in range(60)])
        firms = [market.firm(f"E{number}") for number in range(60)]
        with django_assert_max_num_queries(12):
            assert market.read(*firms).table.num_rows == 60


class TestAsOf:
    def test_gives_the_whole_schema_in_order(self, market) -> None:
        market.import_files([line(2, day="2019-08-01"), line(1)])
        table = market.read().table
        assert table.schema.equals(RECORD_SCHEMAS["invoices"])
        assert table["invoice_no"].to_pylist() == ["1", "2"]

    def test_later_records_do_not_count(self, market) -> None:
        market.import_files([line(1, day="2019-07-31"), line(2, day="2019-08-01")])
        assert market.read(as_of=date(2019, 7, 31)).table["invoice_no"].to_pylist() == ["1"]

    def test_columns_can_be_chosen(self, market) -> None:
        market.import_files([line(1)])
        assert market.read(columns=["gross_fen", "status"]).table.to_pylist() == [
            {"gross_fen": 11300, "status": "valid"}
        ]

    def test_an_item_of_which_nothing_was_landed_is_empty(self, market) -> None:
        (firm,) = market.register("91330282500517241R")
        market.authorise(firm)
        read = market.read(firm.id, item="courts")
        assert read.table.num_rows == 0
        assert read.table.schema.equals(RECORD_SCHEMAS["courts"])
        assert read.snapshot_id is None


class TestTimeTravel:
    def test_a_state_reads_the_same_bytes_for_ever(self, market) -> None:
        market.import_files([line(1), line(2)])
        before = market.read()
        market.import_files([line(1, status="作废发票"), line(3)], at=market.at + timedelta(days=1))
        assert market.read().table["status"].to_pylist() != before.table["status"].to_pylist()
        again = market.read(snapshot_id=before.snapshot_id)
        assert again.table.equals(before.table)
        assert again.snapshot_id == before.snapshot_id

    def test_a_moment_sees_what_was_known_then(self, market) -> None:
        market.import_files([line(1)])
        market.import_files([line(1, status="作废发票")], at=market.at + timedelta(days=1))
        assert market.read(known_at=market.at).table["status"].to_pylist() == ["valid"]
        assert market.read(known_at=market.at + timedelta(days=1)).table["status"].to_pylist() == ["void"]

    def test_compacting_changes_no_byte_of_any_state(self, market, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(4):
            market.import_files([line(number)], at=market.at + timedelta(hours=number))
        before = market.read()
        assert records.compact_tables(at=market.at) == ()
        monkeypatch.setattr(upkeep, "_FILES_PER_BUCKET", 0)
        assert records.compact_tables(at=market.at) == ("invoices",)
        assert tables.count_files(SourceKind.INVOICES) == 1
        assert market.read().table.equals(before.table)
        assert market.read(snapshot_id=before.snapshot_id).table.equals(before.table)

    def test_a_state_that_never_was_is_named(self, market) -> None:
        market.import_files([line(1)])
        with pytest.raises(records.SnapshotUnknown):
            market.read(snapshot_id=42)


class TestHoldings:
    def test_freshness_is_the_last_day_by_firm_and_item(self, market) -> None:
        market.import_files([line(1), line(2, day="2020-01-31"), line(3, "E2")])
        found = records.freshness(enterprise_ids=[market.firm("E1"), market.firm("E2"), UUID(int=5)])
        assert found == {
            market.firm("E1"): {"invoices": date(2020, 1, 31)},
            market.firm("E2"): {"invoices": date(2019, 7, 18)},
        }

    def test_snapshots_name_the_state_of_each_table_that_has_one(self, market) -> None:
        assert records.snapshots() == {}
        market.import_files([line(1)])
        assert records.snapshots() == {"invoices": market.read().snapshot_id}

    def test_enterprises_with_records_are_those_that_have_some(self, market) -> None:
        market.import_files([line(1), "E2,torn"])
        assert records.enterprises_with_records() == (market.firm("E1"),)


class TestProvenance:
    def test_goes_from_a_row_to_its_file_its_line_and_its_consent(self, market) -> None:
        market.import_files(["torn", line(1), line(2)])
        row = next(one for one in market.read().table.to_pylist() if one["invoice_no"] == "2")
        (found,) = records.provenance(
            item="invoices",
            row_ids=[row["row_id"], "0" * 32],
            reader_id=market.platform.id,
            purpose="financing",
            actor=market.actor,
            at=market.at,
        )
        assert (found.values["invoice_no"], found.row_number) == ("2", 3)
        assert found.batch is not None
        assert (found.batch.name, found.batch.part, found.batch.quarantined) == ("sales.csv", "sale", 1)
        (claim,) = consent.assertions_of(enterprise_id=market.firm())
        assert found.consent_id == claim.id, "what it landed on, not what it is read on"

    def test_asks_for_consent_like_any_read(self, market) -> None:
        market.import_files([line(1)])
        (row_id,) = market.read().table["row_id"].to_pylist()
        with pytest.raises(consent.ConsentMissing):
            records.provenance(
                item="invoices",
                row_ids=[row_id],
                reader_id=UUID(int=9),
                purpose="financing",
                actor=market.actor,
                at=market.at,
                enterprise_ids=[market.firm()],
            )


class TestQuarantine:
    def ask(self, market, **options):
        asked = {"reader_id": market.platform.id, "actor": market.actor, "at": market.at}
        return records.quarantine(**asked | options)

    def test_lists_rows_by_delivery_and_reason(self, market) -> None:
        market.import_files([line(1), "E1,torn", line(2, day="never"), line(3, day="never")])
        page = self.ask(market)
        assert dict(page.reasons) == {"date_unreadable": 2, "row_too_short": 1}
        assert [row.row_number for row in page.items] == [2, 3, 4]
        assert self.ask(market, reason="row_too_short").total == 1
        again = market.import_files([line(1), "E1,torn", line(2, day="never"), line(3, day="never")])
        assert again.quarantined == 3
        last = records.batches(item="invoices").items
        assert all(self.ask(market, batch_id=one.id).total == 3 for one in last if one.part == "sale")

    def test_withholds_the_words_where_consent_has_ended(self, market) -> None:
        market.import_files([line(1, day="never"), "torn"])
        later = market.at + timedelta(days=400)
        words = [row.verbatim for row in self.ask(market, at=later).items]
        assert words == [None, '"torn"']

    def test_shows_what_no_authorisation_reaches_to_the_firm_alone(self, market) -> None:
        market.import_files([line(1, day="never")])
        (row,) = RefusedRow.objects.all()
        RefusedRow.objects.create(
            **{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
            | {"id": new_id(), "row_number": 99, "reason": "outside_consent_range"}
        )
        for reader, words in ((market.platform.id, [None]), (row.enterprise_id, [row.verbatim])):
            page = self.ask(market, reader_id=reader, reason="outside_consent_range")
            assert [one.verbatim for one in page.items] == words

    def test_names_a_delivery_that_is_not_there(self, market) -> None:
        with pytest.raises(records.BatchUnknown):
            self.ask(market, batch_id=UUID(int=1))
