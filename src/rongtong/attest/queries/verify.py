"""Recompute the log from its rows, and the rows of other domains behind it, and name the first thing that differs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from rongtong.attest import models, rules
from rongtong.attest.adapters.evidence import evidence_kinds, find_fault, load_evidence
from rongtong.attest.adapters.kept import Mark, Restore, fingerprint, read_journal
from rongtong.attest.adapters.signing import checkpoint_body, public_key, read_note, signed_by
from rongtong.attest.adapters.structure import changed_part
from rongtong.attest.adapters.waiting import steps_as_written
from rongtong.attest.adapters.witnesses import witnessed_marks
from rongtong.attest.adapters.writers import describe, writer_of_step
from rongtong.attest.contracts import VerifyResult
from rongtong.attest.queries.delays import fault_of, log_state
from rongtong.attest.queries.seals import find_broken_seal, foreign_seals
from rongtong.attest.queries.tree import evidence_key, leaf_bytes
from rongtong.core.clock import now
from rongtong.core.frozen_columns import Versions
from rongtong.core.tenancy import Book, as_platform, in_book

_CHUNK = 2000


class _Bad(Exception):
    """What is not as it was written."""


def verify_log(*, checkpoint: str | None = None) -> VerifyResult:
    """Recompute each leaf, node, root and signature, digest each row of evidence and each sealed row anew.

    Nothing may wait for the log for too long. It must also continue each checkpoint that is kept outside of the database, and the one given. Runs in one
    snapshot, as the platform. `first_bad` names table or kind of evidence, id and leaf index.
    """
    journal = read_journal()
    marks = [*journal.marks, *witnessed_marks(journal.restores)]
    if checkpoint is not None:
        marks.append(Mark(checkpoint, "the checkpoint given"))
    with as_platform(), in_book(Book.ALL), _snapshot():
        leaves = models.Leaf.objects.count()
        pending = models.Pending.objects.count()
        checkpoints = models.Checkpoint.objects.count()
        first_bad = None
        try:
            sizes = _check_key(marks)
            if journal.fault:
                raise _Bad(journal.fault)
            _check_leaves(leaves, sizes)
            _check_counts(leaves, pending)
            _check_pending()
            _check_rows()
            _check_presence(leaves + pending)
        except _Bad as bad:
            first_bad = str(bad)
        foreign = tuple(foreign_seals())
        state = log_state(at=now())
        first_bad = first_bad or fault_of(state)
    return VerifyResult(
        leaves=leaves,
        ok=first_bad is None,
        first_bad=first_bad,
        pending=pending,
        checkpoints=checkpoints,
        kept=len(marks),
        key_fingerprint=fingerprint(public_key()),
        restored=tuple(_tell_restore(one) for one in journal.restores),
        foreign=foreign,
        state=state,
    )


def _tell_restore(one: Restore) -> str:
    if one.known_size is None:
        cut = "how many leaves were cut off is not known here, as the home was lost"
    else:
        cut = f"{max(0, one.known_size - one.restored_size)} leaves cut off"
    return (
        f"restored on {one.restored_at} from the backup of {one.made_at}: {cut}; {one.restored_size} leaves came back"
    )


def _check_key(marks: Sequence[Mark]) -> dict[int, list[tuple[bytes, str]]]:
    """The roots that were kept, by size. Each must be signed with this log's key."""
    key = public_key()
    sizes: dict[int, list[tuple[bytes, str]]] = defaultdict(list)
    for mark in marks:
        stated = read_note(mark.note)
        if stated is None:
            raise _Bad(f"{mark.where}: what is kept there is no checkpoint")
        if (mark.fingerprint or fingerprint(key)) != fingerprint(key) or not signed_by(mark.note, key):
            raise _Bad(
                f"key: {mark.where} keeps a checkpoint of {stated[0]} leaves that is signed with another key than this"
                f" log's ({fingerprint(key)})"
            )
        sizes[stated[0]].append((stated[1], mark.where))
    return sizes


@contextmanager
def _snapshot() -> Iterator[None]:
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _check_leaves(leaves: int, kept: Mapping[int, Sequence[tuple[bytes, str]]]) -> None:
    key = public_key()
    signed = {row.tree_size: row for row in models.Checkpoint.objects.all()}
    stops = sorted({*signed, *kept})
    peaks: list[bytes] = []
    for start in range(0, leaves, _CHUNK):
        end = min(start + _CHUNK, leaves)
        hashes = _checked_hashes(start, end)
        at = start
        for stop in [*(stop for stop in stops if start < stop < end), end]:
            nodes, peaks = rules.extend(at, peaks, hashes[at - start : stop - start])
            _check_nodes(nodes)
            at = stop
            if stop in signed:
                _check_checkpoint(signed[stop], stop, rules.fold(peaks), key)
            for root, where in kept.get(stop, ()):
                if root != rules.fold(peaks):
                    raise _Bad(
                        f"attest_leaf {stop - 1}: the first {stop} leaves are not those of the checkpoint that {where}"
                        f" keeps (leaf {stop - 1})"
                    )
    if kept and max(kept) > leaves:
        where = kept[max(kept)][0][1]
        raise _Bad(
            f"attest_leaf {leaves}: missing, the log has {leaves} leaves, but {where} keeps a signed checkpoint of"
            f" {max(kept)}: the newest {max(kept) - leaves} were cut off, or the database was set back"
        )
    beyond = min((size for size in signed if size > leaves), default=None)
    if beyond is not None:
        raise _Bad(f"attest_checkpoint {beyond}: the log has only {leaves} leaves")
    if leaves and leaves not in signed:
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
    entries = list(models.Pending.objects.order_by("step_id"))
    sound = steps_as_written([entry.step_id for entry in entries])
    for entry in entries:
        writer = writer_of_step(entry)
        if not writer.platform:
            raise _Bad(f"attest_step {entry.step_id}: not written by the platform ({describe(writer)})")
        if entry.step_id not in sound:
            raise _Bad(f"attest_step {entry.step_id}: differs from what the platform wrote, before it was sequenced")
    for step in waiting.iterator(chunk_size=_CHUNK):
        rows.append((step, "not yet sequenced"))
        if len(rows) == _CHUNK:
            _check_evidence(rows)
            rows = []
    _check_evidence(rows)


def _check_rows() -> None:
    """The rows that no step names: sealed ones, and those that a domain checks itself; and what guards them all."""
    foreign = foreign_seals(1)
    fault = find_broken_seal() or find_fault() or (foreign[0] if foreign else None) or changed_part()
    if fault:
        raise _Bad(fault)


def _check_presence(steps: int) -> None:
    """A platform that did something has steps: a log without any, beside rows that are attested, was emptied."""
    if steps:
        return
    for kind, known in evidence_kinds().items():
        for columns in known.columns[:1]:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(columns.table)} LIMIT 1")
                if cursor.fetchone():
                    raise _Bad(
                        f"attest_step: the log is empty, though there is evidence of kind {kind} in {columns.table}"
                    )


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
