"""Who states a record decides whether it counts: the platform sets the rank, and nobody's own word moves a figure."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

import pyarrow as pa
import pytest

from rongtong.core.actors import Actor
from rongtong.core.tenancy import Book, as_platform, as_tenant, in_book
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Licence, LicenceType
from rongtong.records import facade as records
from rongtong.records.adapters import tables
from rongtong.records.contracts import RECORD_SCHEMAS, STANDINGS, Rank, SourceKind
from rongtong.records.rules import rank_of_source
from tests.integration.records.test_receive_push import A, B, C, invoices, push, statement
from tests.seals import Authority


def counting(market, firm, item: str = "invoices", **more):
    return market.read(firm.id, item=item, ranks=records.counting_ranks(item=item), **more).table


def member(organisation) -> Actor:
    return Actor("user", f"u-{organisation.id}", "经办人", organisation.id)


def keep(market, firm, by, *, bank=None, number: str = "6222", at=None):
    return records.name_account(
        enterprise_id=firm.id,
        institution_id=(bank or market.lender).id,
        account_number=number,
        actor=member(by),
        at=at or market.at,
    )


class TestASignedInvoice:
    def signed(self, payload: bytes, authority: Authority, *, change: tuple[bytes, bytes] = (b"", b"")) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(payload)) as plain, zipfile.ZipFile(buffer, "w") as archive:
            for name in plain.namelist():
                archive.writestr(name, authority.sign(plain.read(name)).replace(*change))
        return buffer.getvalue()

    def test_counts_where_the_operator_trusts_its_signer(self, market, settings) -> None:
        authority = Authority()
        (firm,) = market.register(A)
        market.authorise(firm)
        payload = self.signed(invoices((A, C)), authority)
        assert push(market, payload, firm).unverified == 1, "nobody is trusted"
        assert counting(market, firm).num_rows == 0
        settings.INVOICE_ANCHORS = authority.pem
        assert (push(market, payload, firm).landed, counting(market, firm)["rank"].to_pylist()) == (1, ["sealed"])
        assert push(market, payload, firm).duplicates == 1

    def test_that_was_changed_or_signed_by_another_stays_the_firm_s_word(self, market, settings) -> None:
        authority = Authority()
        settings.INVOICE_ANCHORS = authority.pem
        (firm,) = market.register(A)
        market.authorise(firm)
        forged = self.signed(invoices((A, C)), authority, change=(b"113.00", b"913.00"))
        for payload in (forged, self.signed(invoices((A, B)), Authority())):
            push(market, payload, firm)
        assert counting(market, firm).num_rows == 0
        assert set(market.read(firm.id).ranks[firm.id]) == {"own"}


class TestAFirmSOwnWord:
    def test_is_kept_and_does_not_count(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        report = push(market, invoices((A, C), (A, B)), firm)
        assert (report.landed, report.unverified) == (2, 2)
        assert counting(market, firm).num_rows == 0
        read = market.read(firm.id)
        assert set(read.table["rank"].to_pylist()) == {"own"}
        assert read.ranks == {firm.id: {"own": 2}}

    def test_comes_as_often_as_a_day_allows(self, market, lower_rule) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        lower_rule("records.pushes_firm_day", "2")
        for buyer in (B, C):
            push(market, invoices((A, buyer)), firm)
        with pytest.raises(records.PushesTooMany):
            push(market, invoices((A, B), (A, C)), firm)

    def test_counts_once_the_authority_says_the_same(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        push(market, invoices((A, C)), firm)
        assert push(market, invoices((A, C)), market.platform).landed == 1
        (row,) = counting(market, firm).to_pylist()
        assert (row["rank"], row["version"], row["gross_fen"]) == ("authority", 2, 11300)
        assert market.read(firm.id).ranks == {firm.id: {"authority": 1}}
        assert push(market, invoices((A, C)), market.platform).duplicates == 1

    def test_says_nothing_new_after_the_authority(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        push(market, invoices((A, C)), market.platform)
        assert push(market, invoices((A, C)), firm).duplicates == 1
        assert push(market, invoices((A, C), total="900.00"), firm).quarantined == 1
        assert counting(market, firm)["gross_fen"].to_pylist() == [11300]

    def test_of_another_amount_gives_way_to_the_authority(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        push(market, invoices((A, C), total="1000000.00"), firm)
        push(market, invoices((A, C)), market.platform)
        assert counting(market, firm)["gross_fen"].to_pylist() == [11300]
        assert market.read(firm.id).table["gross_fen"].to_pylist() == [11300]

    def test_is_no_proof_when_buyer_and_seller_agree(self, market) -> None:
        seller, buyer = market.register(A, B)
        market.authorise(seller, buyer)
        for firm in (seller, buyer):
            push(market, invoices((A, B), total="1000000.00"), firm)
        assert counting(market, seller).num_rows == counting(market, buyer).num_rows == 0


class TestABank:
    def test_that_nobody_confirmed_only_claims(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        report = push(market, statement(A), market.lender, "bank_flows")
        assert (report.landed, report.unverified) == (1, 1)
        assert counting(market, firm, "bank_flows").num_rows == 0
        assert market.read(firm.id, item="bank_flows").ranks == {firm.id: {"claimed": 1}}

    def test_that_holder_and_bank_confirmed_is_the_keeper(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        push(market, statement(A), market.lender, "bank_flows")
        assert keep(market, firm, firm).state == "named"
        assert push(market, statement(A), market.lender, "bank_flows").duplicates == 1
        assert keep(market, firm, market.lender).state == "confirmed"
        assert push(market, statement(A), market.lender, "bank_flows").landed == 1
        (row,) = counting(market, firm, "bank_flows").to_pylist()
        assert (row["rank"], row["amount_fen"]) == ("keeper", 2050)
        assert market.read(firm.id, item="bank_flows").ranks == {firm.id: {"keeper": 1}}

    def test_does_not_confirm_itself(self, market) -> None:
        (firm,) = market.register(A)
        assert keep(market, firm, market.lender).state == "named"
        assert keep(market, firm, market.lender).state == "named"

    def test_is_the_keeper_of_the_named_account_alone(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        assert keep(market, firm, market.platform, number="9999").state == "confirmed"
        assert push(market, statement(A), market.lender, "bank_flows").unverified == 1

    def test_is_the_keeper_until_it_ends(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        kept = keep(market, firm, market.platform)
        assert records.end_account(keeping_id=kept.id, actor=member(firm), at=market.at).state == "ended"
        assert push(market, statement(A), market.lender, "bank_flows").unverified == 1

    def test_of_another_holder_is_refused(self, market) -> None:
        firm, other = market.register(A, B)
        keep(market, firm, market.platform)
        with pytest.raises(records.AccountTaken):
            keep(market, other, other)
        with pytest.raises(records.AccountForeign):
            keep(market, firm, other)
        with pytest.raises(records.AccountForeign):
            records.end_account(keeping_id=keep(market, firm, firm).id, actor=member(other), at=market.at)

    def test_is_known_for_whose_it_is(self, market) -> None:
        firm, other = market.register(A, B)

        def standing(one, number: str = "6222") -> str:
            return records.account_standing(enterprise_id=one.id, account_number=number)

        assert standing(firm) == "unknown"
        named = keep(market, firm, firm)
        assert (standing(firm, "62 22"), standing(other)) == ("named", "unknown")
        keep(market, firm, market.lender)
        assert (standing(firm), standing(other)) == ("confirmed", "foreign")
        with as_tenant(other.id):
            assert standing(other) == "foreign"
        records.end_account(keeping_id=named.id, actor=member(firm), at=market.at)
        assert standing(firm) == "unknown"

    def test_names_no_more_accounts_than_a_day_allows(self, market) -> None:
        firm, other = market.register(A, B)
        for number in range(10):
            keep(market, firm, firm, number=f"6222{number}")
        with pytest.raises(records.AccountsTooMany) as refused:
            keep(market, firm, firm, number="7777")
        assert refused.value.facts["retry_after_seconds"] == 24 * 3600
        keep(market, firm, firm, number="62220")  # what is named already
        keep(market, other, other, number="7777")
        keep(market, firm, market.lender, number="62221")
        keep(market, firm, firm, number="7778", at=market.at + timedelta(days=1))

    def test_is_none_without_a_bank_s_licence(self, market) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        factor = parties.register_institution(
            name="启明商业保理有限公司",
            code="qiming_factoring",
            uscc="91330200MA7FC005XF",
            licence=Licence(LicenceType.FACTOR, "F1", ("factoring",), "", date(2015, 1, 1), date(2031, 12, 31)),
            region_code="330000",
            actor=market.actor,
            at=market.at,
        )
        with pytest.raises(records.BankLicenceMissing):
            push(market, statement(A), factor, "bank_flows")
        with pytest.raises(records.AccountMalformed):
            keep(market, firm, market.platform, bank=factor)

    def test_sees_its_own_accounts_alone(self, market) -> None:
        firm, other = market.register(A, B)
        with as_platform():
            keep(market, firm, firm)
        for organisation, seen in ((firm, 1), (market.lender, 1), (other, 0)):
            with as_tenant(organisation.id):
                assert len(records.account_keepings()) == seen


class TestImportedFiles:
    def test_are_an_assertion(self, market) -> None:
        market.import_files(["E1,12345678,2026-01-02,B1,100.00,13.00,113.00,有效发票"])
        with in_book(Book.EVALUATION):
            read = market.read(ranks=records.counting_ranks(item="invoices"))
        assert read.table["rank"].to_pylist() == ["asserted"]
        assert "asserted" not in records.counting_ranks(item="invoices")


class TestTheRankOfAKind:
    def test_is_declared_for_each(self) -> None:
        assert set(STANDINGS) == set(SourceKind)
        for kind, standing in STANDINGS.items():
            assert standing.collected in standing.counts, kind
            assert not standing.counts & {Rank.OWN, Rank.CLAIMED, Rank.ASSERTED, Rank.COUNTERPARTY}, kind

    def test_follows_from_the_source_where_a_row_has_none(self) -> None:
        assert rank_of_source(SourceKind.INVOICES, "pull:invoices") is Rank.AUTHORITY
        assert rank_of_source(SourceKind.INVOICES, "own:invoices") is Rank.OWN
        assert rank_of_source(SourceKind.INVOICES, "file:invoices_cn") is Rank.ASSERTED
        assert rank_of_source(SourceKind.BANK_FLOWS, "pull:bank_flows") is Rank.KEEPER
        assert rank_of_source(SourceKind.BANK_FLOWS, "push:bank_flows") is Rank.CLAIMED


class TestATableFromBeforeRanks:
    def test_gets_the_column_and_its_rows_read_by_their_source(self, market, monkeypatch: pytest.MonkeyPatch) -> None:
        (firm,) = market.register(A)
        market.authorise(firm)
        schema = RECORD_SCHEMAS[SourceKind.INVOICES]
        before = pa.schema([one for one in schema if one.name != "rank"])
        with monkeypatch.context() as old:
            old.setattr(tables, "RECORD_SCHEMAS", {SourceKind.INVOICES: before})
            old.setattr(tables, "with_rank_column", lambda table: table)
            landed = []
            append = tables.append_rows
            old.setattr(
                "rongtong.records.actions.land_rows.append_rows",
                lambda kind, rows, batch: landed.append(batch) or append(kind, rows.drop_columns(["rank"]), batch),
            )
            old.setattr(
                "rongtong.records.actions.land_rows.scan_rows",
                lambda kind, *, columns, **more: schema.empty_table().select(list(columns)),
            )
            push(market, invoices((A, C), (C, A)), firm)
        assert landed
        assert "rank" not in tables.find_table(SourceKind.INVOICES).schema().column_names
        old_state = records.snapshots()["invoices"]
        assert market.read(firm.id).table["rank"].to_pylist() == ["own", "own"]
        later = market.at + timedelta(hours=1)
        assert push(market, invoices((A, C)), market.platform, at=later).landed == 1
        assert counting(market, firm)["rank"].to_pylist() == ["authority"]
        assert market.read(firm.id, snapshot_id=old_state).table["rank"].to_pylist() == ["own", "own"]
