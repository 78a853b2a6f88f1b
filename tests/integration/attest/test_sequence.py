from __future__ import annotations

import os
import signal
import stat
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import Error

from rongtong.attest import facade, models, rules
from rongtong.attest.adapters.signing import public_key, signed_by
from rongtong.attest.queries.tree import leaf_bytes
from rongtong.core.ids import new_id
from rongtong.core.tenancy import as_platform, as_tenant

from .conftest import AT, Deeds


def stored_root() -> bytes:
    """The root over all leaves as their steps say now."""
    leaves = models.Leaf.objects.select_related("step").order_by("leaf_index")
    _, peaks = rules.extend(0, [], [rules.leaf_hash(leaf_bytes(leaf.step)) for leaf in leaves])
    return rules.fold(peaks)


@pytest.mark.django_db
class TestSequence:
    def test_gives_each_step_its_place_and_signs_the_root(self, deeds: Deeds) -> None:
        with as_platform():
            facade.append_steps(steps=[deeds.step(str(number)) for number in range(5)], at=AT)
            assert facade.sequence(at=AT) == 5
            assert facade.sequence(at=AT) == 0
            facade.append_steps(steps=[deeds.step(str(number)) for number in range(6)], at=AT)
            assert facade.sequence(at=AT, batch_size=2) == 6
            assert list(models.Leaf.objects.order_by("leaf_index").values_list("leaf_index", flat=True)) == list(
                range(11)
            )
            last = facade.latest_checkpoint()
            assert last is not None
            assert last.tree_size == 11
            assert last.root_hash == stored_root().hex()
            assert signed_by(last.note, public_key())
            assert last.note.startswith("rongtong\n11\n")

    def test_an_empty_log_has_no_checkpoint(self) -> None:
        assert facade.sequence(at=AT) == 0
        assert facade.latest_checkpoint() is None

    def test_keeps_its_key_to_itself(self, deeds: Deeds) -> None:
        public_key()
        path = Path(settings.HOME) / "secrets" / "attest_signing_key"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_refuses_to_build_on_a_damaged_tree(self, deeds: Deeds) -> None:
        with as_platform():
            facade.append_steps(steps=[deeds.step(str(number)) for number in range(4)], at=AT)
            facade.sequence(at=AT)
            models.Node.objects.bulk_create([models.Node(level=3, index=9, node_hash=b"x" * 32)])
            models.Leaf.objects.bulk_create([models.Leaf(leaf_index=4, step=self._step(deeds), leaf_hash=b"y" * 32)])
            with pytest.raises(facade.LogDamaged):
                facade.sequence(at=AT)

    def _step(self, deeds: Deeds) -> models.Step:
        facade.append_steps(steps=[deeds.step("late"), deeds.step("later")], at=AT)
        return models.Step.objects.order_by("-id")[0]

    @pytest.mark.parametrize("table", ["attest_step", "attest_leaf", "attest_node", "attest_checkpoint"])
    @pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {}", "TRUNCATE {} CASCADE"])
    def test_the_log_cannot_be_changed(self, deeds: Deeds, table: str, change: str) -> None:
        column = {"attest_step": "kind = 'x'", "attest_checkpoint": "note = 'x'"}.get(table)
        column = column or {"attest_leaf": "leaf_hash = leaf_hash", "attest_node": "node_hash = node_hash"}[table]
        with as_platform():
            facade.append_steps(steps=[deeds.step("a"), deeds.step("b")], at=AT)
            facade.sequence(at=AT)
            with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(change.format(table, column))


@pytest.mark.django_db
class TestAppendSteps:
    def test_a_tenant_sees_its_own_steps_only(self, deeds: Deeds) -> None:
        mine, other = new_id(), new_id()
        with as_platform():
            facade.append_steps(
                steps=[deeds.step("a", enterprise_id=mine), deeds.step("b", enterprise_id=other)], at=AT
            )
        with as_tenant(mine):
            assert len(facade.steps_of_enterprise(mine)) == 1
            assert facade.steps_of_enterprise(other) == ()

    def test_a_lender_may_write_a_step_about_a_firm(self, deeds: Deeds) -> None:
        firm, lender = new_id(), new_id()
        step = deeds.step("a", enterprise_id=firm)
        with as_tenant(lender):
            facade.append_steps(steps=[step], at=AT)
        with as_tenant(firm):
            assert facade.steps_of_subject(step.subject)[0].step == step

    def test_nobody_writes_without_saying_who_is_looking(self, deeds: Deeds) -> None:
        with pytest.raises(Error), transaction.atomic():
            facade.append_steps(steps=[deeds.step("a")], at=AT)

    def test_goes_away_with_its_transaction(self, deeds: Deeds) -> None:
        with as_platform():
            with transaction.atomic():
                facade.append_steps(steps=[deeds.step("a")], at=AT)
                transaction.set_rollback(True)
            assert facade.sequence(at=AT) == 0


@pytest.mark.django_db(transaction=True)
class TestCrashes:
    def test_two_sequencers_never_share_or_skip_a_place(self, deeds: Deeds) -> None:
        with as_platform():
            facade.append_steps(steps=[deeds.step(str(number)) for number in range(60)], at=AT)
        done: list[int] = []

        def run() -> None:
            done.append(facade.sequence(at=AT, batch_size=7))
            connection.close()

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(done) == 60
        assert facade.verify_log().ok

    def test_a_killed_sequencer_loses_and_doubles_nothing(self, deeds: Deeds) -> None:
        with as_platform():
            facade.append_steps(steps=[deeds.step(str(number)) for number in range(400)], at=AT)
        connection.close()
        child = os.fork()
        if child == 0:
            try:
                facade.sequence(at=AT, batch_size=3)
            finally:
                os._exit(0)
        deadline = time.monotonic() + 20
        with psycopg.connect(**_parameters(), autocommit=True) as watch:
            while watch.execute("SELECT count(*) FROM attest_leaf").fetchone()[0] < 30:  # type: ignore[index]  # count gives a row
                assert time.monotonic() < deadline
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with as_platform():
            before = models.Leaf.objects.count()
            assert 30 <= before < 400
            assert before + models.Pending.objects.count() == 400
            assert facade.sequence(at=AT) == 400 - before
        result = facade.verify_log()
        assert (result.leaves, result.ok, result.first_bad) == (400, True, None)


def _parameters() -> dict[str, object]:
    found = connection.settings_dict
    return {
        "host": found["HOST"],
        "port": found["PORT"],
        "user": found["USER"],
        "password": found["PASSWORD"],
        "dbname": found["NAME"],
    }
