"""Give waiting steps their place in the tree and sign the new checkpoint."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.attest import models, rules
from rongtong.attest.actions.hold_lock import hold_lock
from rongtong.attest.adapters.kept import keep_checkpoint
from rongtong.attest.adapters.signing import public_key, sign_checkpoint, signed_by
from rongtong.attest.adapters.waiting import steps_as_written
from rongtong.attest.adapters.writers import writer_of_step
from rongtong.attest.queries.tree import leaf_bytes, node_hashes
from rongtong.core.errors import Conflict
from rongtong.core.tenancy import Book, as_platform, in_book

_LOCK = 0x617474657374  # "attest": one sequencer at a time, over all processes


class LogDamaged(Conflict):
    """The stored tree does not give the root of its last checkpoint, or that was not signed by our key: nothing is added to it."""

    code = "log_damaged"
    message = _("The log is damaged at checkpoint %(tree_size)s; nothing is added to it before it is mended.")


def sequence(*, at: datetime, batch_size: int = 5000) -> int:
    """Sequence all waiting steps, batch by batch, and say how many; each batch is one transaction with its checkpoint.

    Safe to run at any time, anywhere, twice and killed: what was not committed still waits. Raises LogDamaged and LogHeld.
    """
    total = 0
    with as_platform(), in_book(Book.ALL):
        while count := _sequence_batch(at, batch_size):
            total += count
            if count < batch_size:
                break
    return total


@transaction.atomic
def _sequence_batch(at: datetime, limit: int) -> int:
    hold_lock(_LOCK)
    queue = models.Pending.objects.order_by("step_id")[:limit]
    sound = steps_as_written([entry.step_id for entry in queue])
    waiting = [entry.step_id for entry in queue if entry.step_id in sound and writer_of_step(entry).platform]
    if not waiting:
        return 0
    steps = list(models.Step.objects.filter(id__in=waiting).order_by("id"))
    size, peaks = _edge()
    hashes = [rules.leaf_hash(leaf_bytes(step)) for step in steps]
    nodes, peaks = rules.extend(size, peaks, hashes)
    models.Leaf.objects.bulk_create(
        [
            models.Leaf(leaf_index=size + offset, step=step, leaf_hash=leaf)
            for offset, (step, leaf) in enumerate(zip(steps, hashes, strict=True))
        ],
        batch_size=2000,
    )
    models.Node.objects.bulk_create(
        [models.Node(level=level, index=index, node_hash=value) for level, index, value in nodes], batch_size=2000
    )
    models.Pending.objects.filter(step_id__in=waiting).delete()
    size, root = size + len(steps), rules.fold(peaks)
    note = sign_checkpoint(size, root, at)
    models.Checkpoint.objects.create(tree_size=size, root_hash=root, signed_at=at, note=note)
    transaction.on_commit(lambda: keep_checkpoint(note, at))
    return len(steps)


def _edge() -> tuple[int, list[bytes]]:
    """The size of the tree and the roots of its perfect subtrees, checked against the last checkpoint."""
    last = models.Checkpoint.objects.order_by("-tree_size").first()
    size = last.tree_size if last else 0
    wanted = rules.cover(0, size)
    found = node_hashes(wanted)
    peaks = [found[node] for node in wanted if node in found]
    top = models.Leaf.objects.order_by("-leaf_index").values_list("leaf_index", flat=True).first()
    sound = len(peaks) == len(wanted) and (-1 if top is None else top) == size - 1
    if last and not (sound and rules.fold(peaks) == bytes(last.root_hash) and signed_by(last.note, public_key())):
        raise LogDamaged(tree_size=size)
    return size, peaks
