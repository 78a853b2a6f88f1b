from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from django.db import connection

from rongtong.attest import facade, models
from rongtong.attest.adapters import evidence
from rongtong.core.frozen_columns import Versions
from rongtong.core.roles import as_owner
from rongtong.core.tenancy import as_platform

from .conftest import AT, Deeds


def tamper(sql: str, *values: object) -> None:
    """Change a row as somebody with the owner's password could."""
    with as_platform(), as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("step", "leaf", "node", "checkpoint"):
            cursor.execute(f"ALTER TABLE attest_{table} DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        assert cursor.rowcount > 0


@pytest.fixture
def log(db: None, deeds: Deeds) -> Deeds:
    with as_platform():
        for start in (0, 4, 9):
            facade.append_steps(steps=[deeds.step(str(start + offset)) for offset in range(start + 4)], at=AT)
            facade.sequence(at=AT)
    return deeds


def first_bad() -> str:
    result = facade.verify_log()
    assert not result.ok
    assert result.first_bad
    return result.first_bad


class TestVerifyLog:
    def test_a_log_as_it_was_written_is_whole(self, log: Deeds) -> None:
        result = facade.verify_log()
        assert (result.leaves, result.checkpoints, result.pending, result.ok) == (25, 3, 0, True)
        assert result.first_bad is None

    def test_an_empty_log_is_whole(self, db: None) -> None:
        assert facade.verify_log().ok

    @pytest.mark.parametrize(
        "change",
        [
            "kind = 'deed.undone'",
            "subject = 'deed_x'",
            "evidence_digest = repeat('0', 64)",
            "occurred_at = occurred_at + interval '1 microsecond'",
            "recorded_at = recorded_at - interval '1 microsecond'",
            "enterprise_id = gen_random_uuid()",
            "lender_id = gen_random_uuid()",
            "written_by_id = gen_random_uuid()",
        ],
    )
    def test_names_a_changed_step(self, log: Deeds, change: str) -> None:
        with as_platform():
            step = models.Leaf.objects.get(leaf_index=6).step_id
            tamper(f"UPDATE attest_step SET {change} WHERE id = %s", step)
        named = first_bad()
        assert named.startswith(f"attest_leaf 6: differs from attest_step {step} (deed.")
        assert named.endswith("done, leaf 6)")

    def test_names_a_changed_leaf(self, log: Deeds) -> None:
        tamper(
            "UPDATE attest_leaf SET leaf_hash = set_byte(leaf_hash, 31, 1 # get_byte(leaf_hash, 31)) WHERE leaf_index = 11"
        )
        assert first_bad().startswith("attest_leaf 11: differs")

    def test_names_a_missing_leaf(self, log: Deeds) -> None:
        tamper("DELETE FROM attest_leaf WHERE leaf_index = 3")
        assert first_bad() == "attest_leaf 3: missing (leaf 3)"

    def test_names_a_cut_off_end(self, log: Deeds) -> None:
        tamper("DELETE FROM attest_leaf WHERE leaf_index = 24")
        assert first_bad() == "attest_checkpoint 25: the log has only 24 leaves"

    @pytest.mark.parametrize("node", [(1, 0), (1, 11), (2, 3), (4, 0)])
    def test_names_a_changed_node(self, log: Deeds, node: tuple[int, int]) -> None:
        tamper(
            "UPDATE attest_node SET node_hash = set_byte(node_hash, 0, 1 # get_byte(node_hash, 0)) WHERE level = %s AND index = %s",
            *node,
        )
        assert first_bad() == f"attest_node {node}: differs (leaf {((node[1] + 1) << node[0]) - 1})"

    def test_names_a_missing_and_a_surplus_node(self, log: Deeds) -> None:
        tamper("INSERT INTO attest_node VALUES (1, 12, sha256(''))")
        assert first_bad() == "attest_node: 23 nodes where the tree has 22"
        tamper("DELETE FROM attest_node WHERE level = 1 AND index = 2")
        assert first_bad() == "attest_node (1, 2): missing (leaf 5)"

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ("root_hash = sha256('')", "the root differs from the leaves"),
            ("note = replace(note, 'rongtong', 'Rongtong')", "the note does not state this size, root and time"),
            ("note = note || ' '", "the signature is not of this log's key"),
            ("note = overlay(note placing 'AAAA' from length(note) - 40)", "the signature is not of this log's key"),
            ("signed_at = signed_at + interval '1 second'", "the note does not state this size, root and time"),
            ("tree_size = 11", "the root differs from the leaves"),
        ],
    )
    def test_names_a_changed_checkpoint(self, log: Deeds, change: str, fault: str) -> None:
        tamper(f"UPDATE attest_checkpoint SET {change} WHERE tree_size = 12")
        assert fault in first_bad()
        assert first_bad().startswith("attest_checkpoint 1")

    def test_names_a_missing_last_checkpoint(self, log: Deeds) -> None:
        tamper("DELETE FROM attest_checkpoint WHERE tree_size = 25")
        assert first_bad() == "attest_checkpoint 25: missing, though the log has 25 leaves"

    def test_names_a_changed_row_of_evidence(self, log: Deeds) -> None:
        with as_platform():
            step = models.Leaf.objects.select_related("step").get(leaf_index=17).step
        log.rows[step.evidence_id] += b"!"
        assert first_bad() == (
            f"deed {step.evidence_id}: the row differs from what was attested (deed.done of {step.subject}, leaf 17)"
        )
        del log.rows[step.evidence_id]
        assert "the row is missing" in first_bad()

    def test_names_evidence_that_waits_for_the_sequencer(self, log: Deeds) -> None:
        step = log.step("waits")
        with as_platform():
            facade.append_steps(steps=[step], at=AT)
        assert facade.verify_log().pending == 1
        assert facade.verify_log().ok
        log.rows[step.evidence_id] = b"changed"
        assert first_bad().endswith(f"(deed.done of {step.subject}, not yet sequenced)")

    def test_names_a_step_taken_out_of_the_queue(self, log: Deeds) -> None:
        with as_platform():
            facade.append_steps(steps=[log.step("waits")], at=AT)
            step = models.Pending.objects.get().step_id
        tamper("DELETE FROM attest_pending")
        assert first_bad() == f"attest_step {step}: neither in the tree nor waiting for it"

    def test_names_the_one_row_that_its_domain_cannot_read(self, log: Deeds) -> None:
        with as_platform():
            broken = models.Leaf.objects.select_related("step").get(leaf_index=20).step.evidence_id

        def load(ids: Sequence[UUID], versions: Versions) -> dict[UUID, bytes]:
            if broken in ids:
                raise ValueError("not JSON")
            return log.load(ids, versions)

        evidence.register_evidence("deed", load)
        assert first_bad().startswith(f"deed {broken}: the row cannot be read")

    def test_names_a_kind_that_nobody_registered(self, log: Deeds) -> None:
        evidence._kinds.pop("deed")
        try:
            assert "no domain registered this kind of evidence" in first_bad()
        finally:
            evidence.register_evidence("deed", log.load)

    def test_reads_evidence_in_batches(self, log: Deeds) -> None:
        log.calls = 0
        facade.verify_log()
        assert log.calls == 1
