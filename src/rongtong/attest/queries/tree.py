"""Reads of the tree: leaf bytes, node hashes, checkpoints, proofs. All of it is public: hashes only."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.utils.translation import gettext_lazy as _

from rongtong.attest import models, rules
from rongtong.attest.contracts import Checkpoint, ConsistencyProof, InclusionProof
from rongtong.core.canonical import canonical_json
from rongtong.core.errors import Invalid


class NoSuchProof(Invalid):
    """A proof was asked for a leaf or a size that the log does not have."""

    code = "no_such_proof"
    message = _("The log has %(tree_size)s leaves; there is no such proof.")


def leaf_bytes(step: models.Step) -> bytes:
    """What is hashed for a step: the canonical JSON of its row's columns, as of the version that its leaf was made with."""
    return canonical_json(models.LEAF_COLUMNS.values(step, {models.LEAF_COLUMNS.name: step.leaf_version}))


def evidence_key(step: models.Step) -> tuple[str, bytes]:
    """The kind of a step's evidence and the versions that it was made with: steps of one key are read together."""
    return step.evidence_kind, canonical_json(step.evidence_versions or {})


def node_hashes(nodes: Iterable[rules.Node]) -> dict[rules.Node, bytes]:
    """The stored hashes of perfect subtrees; level 0 is the leaves. Missing ones are left out."""
    wanted = list(nodes)
    leaves = [index for level, index in wanted if level == 0]
    inner = [node for node in wanted if node[0] > 0]
    found: dict[rules.Node, bytes] = {}
    if leaves:
        rows = models.Leaf.objects.filter(leaf_index__in=leaves).values_list("leaf_index", "leaf_hash")
        found |= {(0, index): bytes(value) for index, value in rows}
    if inner:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT level, index, node_hash FROM attest_node
                   JOIN unnest(%s::int[], %s::bigint[]) AS wanted (l, i) ON level = l AND index = i""",
                [[level for level, _index in inner], [index for _level, index in inner]],
            )
            found |= {(level, index): bytes(value) for level, index, value in cursor.fetchall()}
    return found


def latest_checkpoint() -> Checkpoint | None:
    """The newest signed checkpoint; None while the log is empty."""
    row = models.Checkpoint.objects.order_by("-tree_size").first()
    return checkpoint_contract(row) if row else None


def latest_checkpoint_size() -> int:
    """The number of leaves under the newest checkpoint."""
    last = latest_checkpoint()
    return last.tree_size if last else 0


def checkpoint_covering(tree_size: int) -> Checkpoint | None:
    """The first checkpoint of at least that size."""
    row = models.Checkpoint.objects.filter(tree_size__gte=tree_size).order_by("tree_size").first()
    return checkpoint_contract(row) if row else None


def checkpoint_contract(row: models.Checkpoint) -> Checkpoint:
    return Checkpoint(
        tree_size=row.tree_size, root_hash=bytes(row.root_hash).hex(), signed_at=row.signed_at, note=row.note
    )


def inclusion_proof(*, leaf_index: int, tree_size: int) -> InclusionProof:
    """The proof that a leaf is in the tree of that size. Raises NoSuchProof."""
    return inclusion_proofs(leaf_indexes=[leaf_index], tree_size=tree_size)[0]


def inclusion_proofs(*, leaf_indexes: Iterable[int], tree_size: int) -> list[InclusionProof]:
    """The same for many leaves, in two queries."""
    indexes = list(leaf_indexes)
    _require_size(tree_size, within=all(0 <= index < tree_size for index in indexes))
    ranges = {index: rules.inclusion_ranges(index, tree_size) for index in indexes}
    wanted = {node for spans in ranges.values() for span in spans for node in rules.cover(*span)}
    wanted |= {(0, index) for index in indexes} | set(rules.cover(0, tree_size))
    hashes = node_hashes(wanted)
    return [
        InclusionProof(
            leaf_index=index,
            tree_size=tree_size,
            leaf_hash=hashes[0, index].hex(),
            root_hash=rules.root_of((0, tree_size), hashes).hex(),
            path=tuple(rules.root_of(span, hashes).hex() for span in ranges[index]),
        )
        for index in indexes
    ]


def consistency_proof(*, old_size: int, new_size: int) -> ConsistencyProof:
    """The proof that the tree only grew between two sizes. Raises NoSuchProof."""
    _require_size(new_size, within=0 <= old_size <= new_size)
    ranges = rules.consistency_ranges(old_size, new_size)
    spans = [*ranges, (0, old_size), (0, new_size)]
    hashes = node_hashes({node for span in spans for node in rules.cover(*span)})
    return ConsistencyProof(
        old_size=old_size,
        new_size=new_size,
        old_root=rules.root_of((0, old_size), hashes).hex(),
        new_root=rules.root_of((0, new_size), hashes).hex(),
        path=tuple(rules.root_of(span, hashes).hex() for span in ranges),
    )


def _require_size(tree_size: int, *, within: bool) -> None:
    last = latest_checkpoint()
    size = last.tree_size if last else 0
    if not within or tree_size > size:
        raise NoSuchProof(tree_size=size)
