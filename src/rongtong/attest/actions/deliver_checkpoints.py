"""Hand the newest checkpoint to each witness that has not got it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rongtong.attest.adapters.witnesses import deliver, delivered_size, witness_addresses
from rongtong.attest.queries.tree import consistency_proof, latest_checkpoint
from rongtong.core.errors import Unavailable
from rongtong.core.tenancy import as_platform


class WitnessUnavailable(Unavailable):
    """A witness did not take a checkpoint; it is tried again."""

    code = "witness_unavailable"
    message = _("The witness %(witness)s did not take the checkpoint: %(why)s")


def deliver_checkpoints() -> int:
    """Hand it to all; say how many took one now. Raises WitnessUnavailable once all were tried; the job tries again."""
    with as_platform():
        newest = latest_checkpoint()
    if newest is None:
        return 0
    failed: WitnessUnavailable | None = None
    count = 0
    for address in witness_addresses():
        old = delivered_size(address)
        if old >= newest.tree_size:
            continue
        with as_platform():
            proof = consistency_proof(old_size=old, new_size=newest.tree_size).path if old else ()
        try:
            deliver(address, newest.note, proof, old)
            count += 1
        except OSError as error:
            failed = failed or WitnessUnavailable(witness=address, why=str(error))
    if failed:
        raise failed
    return count
