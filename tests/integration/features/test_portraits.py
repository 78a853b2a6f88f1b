"""Portraits: built as far as consent goes, kept unchanged, built again to the same bytes, read through the same gate."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from rongtong.attest.adapters.evidence import load_evidence
from rongtong.consent import facade as consent
from rongtong.core.canonical import digest
from rongtong.core.models import AuditEntry, Event
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.features import facade as features
from rongtong.features.models import PortraitRow

from .conftest import ACTOR, AT, World

D = date(2026, 9, 30)
DAY = timedelta(days=1)


class TestBuildPortraits:
    def test_updates_by_one_event_and_is_built_again_to_the_same_bytes(self, world: World) -> None:
        world.authorise()
        world.established()
        before = world.build(D)
        assert before.values["crt_enforced_amount_fen"] is None  # the courts were not asked
        assert set(before.freshness) == {"registration"}

        world.court(D + DAY, yuan=2500)
        after = world.build(D + DAY)
        assert after.values["crt_enforced_amount_fen"] == 250_000
        (side,) = [one for one in after.dimensions if one.code == "legal_reputation"]
        assert side.score is None, "one judgment that was sent does not say what else the courts know"
        assert "crt_enforced_amount_fen" in {one.feature for one in side.drivers if one.value}

        again = world.build(D)
        assert again.id != before.id  # read from another state of the tables, and kept as such
        assert again.content_digest == before.content_digest
        rows = {row.id: row.content for row in PortraitRow.objects.filter(pk__in=[before.id, again.id])}
        assert rows[before.id] == rows[again.id]

    def test_reads_old_states_of_the_tables_to_the_same_bytes(self, world: World) -> None:
        world.authorise()
        world.established()
        world.court(D, yuan=10)
        before = world.build(D)
        world.court(D, case="(2026)浙01执2号", yuan=90)  # learnt later, occurred before
        assert world.build(D).values["crt_enforced_amount_fen"] == 10_000
        assert world.build(D, snapshots=before.snapshot_ids) == before

    def test_gives_back_what_is_there(self, world: World) -> None:
        world.authorise()
        world.established()
        first = world.build(D)
        second = world.build(D, at=AT + timedelta(hours=1))
        assert second == first
        assert PortraitRow.objects.count() == 1
        assert Event.objects.filter(name="portrait.built").count() == 1
        assert AuditEntry.objects.filter(action="portrait.built", enterprise_id=world.firm.id).count() == 1

    def test_leaves_out_what_is_not_permitted(self, world: World) -> None:
        world.authorise()
        world.established()
        world.court(D)
        world.authorise(reader=world.bank, items=("portrait", "registration"))
        seen = world.build(D, reader=world.bank)
        assert seen.values["reg_age_months"] == 76
        assert seen.values["crt_enforced_amount_fen"] is None
        assert set(seen.freshness) == {"registration"}
        assert set(seen.snapshot_ids) == {"registration"}
        assert world.build(D).values["crt_enforced_amount_fen"] == 100_000

    def test_refuses_a_reader_without_consent_to_the_portrait(self, world: World) -> None:
        world.authorise(reader=world.bank, items=("registration",))
        with pytest.raises(consent.ConsentMissing):
            world.build(D, reader=world.bank)
        assert AuditEntry.objects.filter(action="consent.refused", enterprise_id=world.firm.id).exists()

    def test_asks_no_consent_for_what_is_not_held(self, world: World) -> None:
        world.authorise(items=("portrait", "registration"))
        world.established()
        refused = AuditEntry.objects.filter(action="consent.refused")
        before = refused.count()
        world.build(D)
        assert refused.count() == before

    def test_keeps_the_order_that_was_asked_for(self, world: World) -> None:
        for number in range(3):
            world.authorise(firm=number)
        world.established()
        asked = [one.id for one in reversed(world.firms)]
        built = features.build_portraits(enterprise_ids=asked, as_of=D, reader_id=world.platform.id, actor=ACTOR, at=AT)
        assert [one.enterprise_id for one in built] == asked

    def test_a_correction_counts_from_its_own_landing_on(self, world: World) -> None:
        world.authorise()
        world.established()
        first = world.build(D)
        world.push(
            "registration",
            "changes",
            {
                "date": "2020-05-20",
                "type": "established",
                "before": "",
                "after": "设立",
                "registeredCapital": "5000000.00",
                "paidInCapital": "5000000.00",
            },
            at=AT + timedelta(hours=1),
        )
        assert world.build(D).values["reg_paid_in_ratio"] == 1.0
        assert world.build(D, snapshots=first.snapshot_ids).values["reg_paid_in_ratio"] == 0.4


@pytest.mark.django_db(transaction=True)
class TestBuildAtOnce:
    def test_two_that_build_at_once_get_the_same_portrait(self, apart: None) -> None:
        from rongtong.parties.contracts import EnterpriseDraft

        from .conftest import CODES

        with as_platform():
            world = World([EnterpriseDraft("甲有限公司", (("uscc", CODES[0]),))])
            world.authorise()
            world.established()
        found, barrier = [], threading.Barrier(2)

        def build() -> None:
            try:
                barrier.wait()
                with as_platform():
                    found.append(world.build(D))
            finally:
                connection.close()

        threads = [threading.Thread(target=build) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 2
        assert found[0] == found[1]
        with as_platform():
            assert Event.objects.filter(name="portrait.built").count() == 1


class TestReadPortraits:
    @pytest.fixture
    def built(self, world: World):
        world.authorise()
        world.established()
        world.court(D - 40 * DAY, yuan=10)
        early = world.build(D - 30 * DAY)
        world.court(D - DAY, stage="dishonest", yuan=10)
        return early, world.build(D)

    def test_the_latest_is_read_by_whom_the_firm_authorised(self, world: World, built) -> None:
        world.authorise(reader=world.bank, items=("portrait",))
        with as_tenant(world.bank.id):
            read = features.latest_portrait(
                enterprise_id=world.firm.id, reader_id=world.bank.id, actor=world.actor(world.bank), at=AT
            )
        assert read == built[1]

    def test_as_of_an_earlier_day_it_is_an_earlier_one(self, world: World, built) -> None:
        read = features.latest_portrait(
            enterprise_id=world.firm.id, reader_id=world.platform.id, actor=ACTOR, at=AT, as_of=D - DAY
        )
        assert read == built[0]

    def test_a_stranger_is_refused_and_remembered(self, world: World, built) -> None:
        for read in (
            lambda **who: features.latest_portrait(enterprise_id=world.firm.id, **who),
            lambda **who: features.portrait(portrait_id=built[1].id, **who),
            lambda **who: features.portrait_series(enterprise_id=world.firm.id, **who),
            lambda **who: features.portrait_changes(portrait_id=built[1].id, **who),
            lambda **who: features.provenance(portrait_id=built[1].id, feature="crt_dishonest", **who),
        ):
            refusals = consent.refusals_since(since=AT - timedelta(days=1))
            with as_tenant(world.bank.id), pytest.raises((consent.ConsentMissing, features.PortraitMissing)):
                read(reader_id=world.bank.id, actor=world.actor(world.bank), at=AT)
            assert consent.refusals_since(since=AT - timedelta(days=1)) == refusals + 1

    def test_a_revocation_holds_at_once(self, world: World, built) -> None:
        given = world.authorise(reader=world.bank, items=("portrait",))
        later = AT + timedelta(hours=1)
        consent.revoke_consent(consent_id=given.id, reason="不再需要", actor=ACTOR, at=later)
        with pytest.raises(consent.ConsentMissing):
            features.latest_portrait(enterprise_id=world.firm.id, reader_id=world.bank.id, actor=ACTOR, at=later)

    def test_the_firm_reads_its_own_without_consent(self, world: World, built) -> None:
        with as_tenant(world.firm.id):
            read = features.latest_portrait(
                enterprise_id=world.firm.id, reader_id=world.firm.id, actor=world.actor(world.firm), at=AT
            )
        assert read == built[1]

    def test_a_firm_without_portrait_has_none(self, world: World) -> None:
        world.authorise()
        with pytest.raises(features.PortraitMissing):
            features.latest_portrait(enterprise_id=world.firm.id, reader_id=world.platform.id, actor=ACTOR, at=AT)

    def test_the_series_runs_from_old_to_new(self, world: World, built) -> None:
        points = features.portrait_series(
            enterprise_id=world.firm.id,
            features=["crt_dishonest"],
            reader_id=world.platform.id,
            actor=ACTOR,
            at=AT,
        )
        assert [(one.as_of, one.values) for one in points] == [
            (D - 30 * DAY, {"crt_dishonest": None}),  # nobody had asked the courts
            (D, {"crt_dishonest": 1.0}),
        ]

    def test_changes_name_what_moved(self, world: World, built) -> None:
        moved = features.portrait_changes(portrait_id=built[1].id, reader_id=world.platform.id, actor=ACTOR, at=AT)
        assert moved.previous_id == built[0].id
        assert not moved.dimensions, "a side without a score, before and after, did not move"
        assert {"crt_dishonest", "reg_age_months"} <= {one.feature for one in moved.features}

    def test_provenance_ends_at_the_rows_of_the_event(self, world: World, built) -> None:
        found = features.provenance(
            portrait_id=built[1].id, feature="crt_dishonest", reader_id=world.platform.id, actor=ACTOR, at=AT
        )
        assert found.value == 1.0
        assert {item: len(rows) for item, rows in found.row_ids.items()} == {"courts": 1}


class TestKeptPortraits:
    def test_cannot_be_changed_or_removed(self, world: World) -> None:
        world.authorise()
        world.established()
        kept = world.build(D)
        for statement in ("UPDATE features_portrait SET generated = NOT generated", "DELETE FROM features_portrait"):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        assert PortraitRow.objects.get(pk=kept.id).digest == kept.digest

    def test_are_hidden_from_other_tenants_by_the_database(self, world: World) -> None:
        world.authorise()
        world.established()
        kept = world.build(D)
        with as_tenant(world.firm.id):
            assert PortraitRow.objects.filter(pk=kept.id).exists()
        for other in (world.firms[1], world.bank):
            with as_tenant(other.id):
                assert not PortraitRow.objects.exists()

    def test_are_evidence_whose_bytes_make_their_digest(self, world: World) -> None:
        world.authorise()
        world.established()
        kept = world.build(D)
        loaded = load_evidence("portrait", [kept.id])
        assert loaded is not None
        assert digest(loaded[kept.id]) == kept.digest

    @pytest.mark.parametrize(
        "change",
        [
            "content = replace(content, '76.0', '77.0')",
            "recorded_at = recorded_at + interval '1 microsecond'",
            "lineage = replace(lineage, '1', '2')",
            "generated = NOT generated",
        ],
    )
    def test_tell_by_their_digest_that_a_byte_was_changed(self, world: World, change: str) -> None:
        world.authorise()
        world.established()
        kept = world.build(D)
        from rongtong.core.roles import as_owner

        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE features_portrait DISABLE TRIGGER append_only")
            cursor.execute(f"UPDATE features_portrait SET {change}")
            cursor.execute("ALTER TABLE features_portrait ENABLE TRIGGER append_only")
        loaded = load_evidence("portrait", [kept.id])
        assert loaded is not None
        assert digest(loaded[kept.id]) != kept.digest
