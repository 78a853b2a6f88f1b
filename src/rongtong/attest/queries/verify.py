"""Recompute the log from its rows, and the rows of other domains behind it, and name the first thing that differs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from rongtong.attest import models, rules
from rongtong.attest.adapters.evidence import find_fault, load_evidence
from rongtong.attest.adapters.signing import checkpoint_body, public_key, signed_by
from rongtong.attest.contracts import VerifyResult
from rongtong.attest.queries.seals import find_broken_seal
from rongtong.attest.queries.tree import evidence_key, leaf_bytes
from rongtong.core.frozen_columns import Versions
from rongtong.core.tenancy import Book, as_platform, in_book

_CHUNK = 2000


class _Bad(Exception):
    """What is not as it was written."""


def verify_log() -> VerifyResult:
    """Recompute each leaf, node, root and signature, digest each row of evidence and each sealed row anew.

    Runs in one snapshot, as the platform. `first_bad` names table or kind of evidence, id and leaf index.
    """
    with as_platform(), in_book(Book.ALL), _snapshot():
        leaves = models.Leaf.objects.count()
        pending = models.Pending.objects.count()
        checkpoints = models.Checkpoint.objects.count()
        first_bad = None
        try:
            _check_leaves(leaves)
            _check_counts(leaves, pending)
            _check_pending()
            _check_rows()
        except _Bad as bad:
            first_bad = str(bad)
    return VerifyResult(
        leaves=leaves, ok=first_bad is None, first_bad=first_bad, pending=pending, checkpoints=checkpoints
    )


@contextmanager
def _snapshot() -> Iterator[None]:
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _check_leaves(leaves: int) -> None:
    key = public_key()
    signed = iter(models.Checkpoint.objects.order_by("tree_size"))
    checkpoint = next(signed, None)
    peaks: list[bytes] = []
    for start in range(0, leaves, _CHUNK):
        end = min(start + _CHUNK, leaves)
        hashes = _checked_hashes(start, end)
        at = start
        while at < end:
            stop = min(checkpoint.tree_size, end) if checkpoint else end
            nodes, peaks = rules.extend(at, peaks, hashes[at - start : stop - start])
            _check_nodes(nodes)
            at = stop
            while checkpoint and checkpoint.tree_size <= at:
                _check_checkpoint(checkpoint, at, rules.fold(peaks), key)
                checkpoint = next(signed, None)
    if checkpoint:
        raise _Bad(f"attest_checkpoint {checkpoint.tree_size}: the log has only {leaves} leaves")
    if leaves and not models.Checkpoint.objects.filter(tree_size=leaves).exists():
        raise _Bad(f"attest_checkpoint {leaves}: missing, though the log has {leaves} leaves")


def _checked_hashes(start: int, end: int) -> list[bytes]:
    """The hashes of the leaves [start, end), each recomputed from its step, whose evidence is digested anew."""
    rows = list(
        models.Leaf.objects.filter(leaf_index__gte=start, leaf_index__lt=end)
        .select_related("step")
        .order_by("leaf_index")
    )
    hashes = []
    for index, row in enumerate(rows, start):
        if row.leaf_index != index:
            raise _Bad(f"attest_leaf {index}: missing (leaf {index})")
        value = _leaf_hash(row.step)
        if value is None or value != bytes(row.leaf_hash):
            raise _Bad(f"attest_leaf {index}: differs from attest_step {row.step_id} ({row.step.kind}, leaf {index})")
        hashes.append(value)
    if len(rows) < end - start:
        raise _Bad(f"attest_leaf {start + len(rows)}: missing (leaf {start + len(rows)})")
    _check_evidence([(row.step, f"leaf {row.leaf_index}") for row in rows])
    return hashes


def _leaf_hash(step: models.Step) -> bytes | None:
    """None for a step that claims a version which there is not."""
    if step.leaf_version == 1 and step.evidence_versions is not None:
        return None
    try:
        return rules.leaf_hash(leaf_bytes(step))
    except ValueError:
        return None


def _check_nodes(nodes: Sequence[tuple[int, int, bytes]]) -> None:
    if not nodes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l, i, node_hash IS NULL FROM unnest(%s::int[], %s::bigint[], %s::bytea[]) AS computed (l, i, h)
               LEFT JOIN attest_node ON level = l AND index = i
               WHERE node_hash IS DISTINCT FROM h ORDER BY (i + 1) << l, l LIMIT 1""",
            [[node[0] for node in nodes], [node[1] for node in nodes], [node[2] for node in nodes]],
        )
        row = cursor.fetchone()
    if row:
        level, index, missing = row
        leaf = ((index + 1) << level) - 1
        raise _Bad(f"attest_node ({level}, {index}): {'missing' if missing else 'differs'} (leaf {leaf})")


def _check_checkpoint(row: models.Checkpoint, size: int, root: bytes, key: bytes) -> None:
    name = f"attest_checkpoint {row.tree_size}"
    if row.tree_size != size:
        raise _Bad(f"{name}: is out of place (leaf {size - 1})")
    if bytes(row.root_hash) != root:
        raise _Bad(f"{name}: the root differs from the leaves (leaf {size - 1})")
    if not row.note.startswith(checkpoint_body(size, root, row.signed_at) + "\n— "):
        raise _Bad(f"{name}: the note does not state this size, root and time (leaf {size - 1})")
    if not signed_by(row.note, key):
        raise _Bad(f"{name}: the signature is not of this log's key (leaf {size - 1})")


def _check_counts(leaves: int, pending: int) -> None:
    """Nothing lies beside the tree: no node too many, no step that neither has a leaf nor waits for one."""
    expected = sum(leaves >> level for level in range(1, leaves.bit_length()))
    if models.Node.objects.count() != expected:
        raise _Bad(f"attest_node: {models.Node.objects.count()} nodes where the tree has {expected}")
    if models.Step.objects.count() != leaves + pending:
        lost = models.Step.objects.exclude(id__in=models.Leaf.objects.values("step_id")).exclude(
            id__in=models.Pending.objects.values("step_id")
        )
        step = lost.order_by("id").first()
        raise _Bad(f"attest_step {step.id if step else '?'}: neither in the tree nor waiting for it")


def _check_pending() -> None:
    rows: list[tuple[models.Step, str]] = []
    waiting = models.Step.objects.filter(id__in=models.Pending.objects.values("step_id")).order_by("id")
    for step in waiting.iterator(chunk_size=_CHUNK):
        rows.append((step, "not yet sequenced"))
        if len(rows) == _CHUNK:
            _check_evidence(rows)
            rows = []
    _check_evidence(rows)


def _check_rows() -> None:
    """The rows that no step names: sealed ones, and those that a domain checks itself, such as balances."""
    fault = find_broken_seal() or find_fault()
    if fault:
        raise _Bad(fault)


def _check_evidence(rows: Sequence[tuple[models.Step, str]]) -> None:
    ids: dict[tuple[str, bytes], set[UUID]] = defaultdict(set)
    for step, _where in rows:
        ids[evidence_key(step)].add(step.evidence_id)
    loaded = {key: _load(key[0], sorted(wanted), json.loads(key[1])) for key, wanted in ids.items()}
    for step, where in rows:
        fault = _fault(step, loaded[evidence_key(step)])
        if fault:
            raise _Bad(f"{step.evidence_kind} {step.evidence_id}: {fault} ({step.kind} of {step.subject}, {where})")


def _fault(step: models.Step, digests: Mapping[UUID, str | None] | None) -> str | None:
    if digests is None:
        return "no domain registered this kind of evidence"
    if step.evidence_id not in digests:
        return "the row is missing"
    value = digests[step.evidence_id]
    if value is None:
        return "the row cannot be read"
    return None if value == step.evidence_digest else "the row differs from what was attested"


def _load(kind: str, ids: Sequence[UUID], versions: Versions) -> Mapping[UUID, str | None] | None:
    """The digests of the rows as they are now; None for a row that its own domain can no longer read."""
    from rongtong.core.canonical import digest

    try:
        found = _savepoint(kind, ids, versions)
    except Exception:
        if len(ids) == 1:
            return {ids[0]: None}
        half = len(ids) // 2
        left, right = _load(kind, ids[:half], versions), _load(kind, ids[half:], versions)
        return {**(left or {}), **(right or {})}
    return None if found is None else {key: digest(bytes(value)) for key, value in found.items()}


def _savepoint(kind: str, ids: Sequence[UUID], versions: Versions) -> Mapping[UUID, bytes] | None:
    with transaction.atomic():
        return load_evidence(kind, ids, versions)
