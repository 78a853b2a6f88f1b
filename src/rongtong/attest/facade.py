"""The door of attest: write steps, sequence them, prove them, verify them."""

from rongtong.attest.actions.append_steps import append_steps
from rongtong.attest.actions.deliver_checkpoints import WitnessUnavailable, deliver_checkpoints
from rongtong.attest.actions.hold_lock import LogHeld
from rongtong.attest.actions.record_structure import record_structure
from rongtong.attest.actions.seal_rows import seal_rows
from rongtong.attest.actions.sequence import LogDamaged, sequence
from rongtong.attest.adapters.evidence import register_check, register_evidence
from rongtong.attest.adapters.kept import fingerprint, keep_restore
from rongtong.attest.adapters.signing import public_key
from rongtong.attest.queries.delays import log_state
from rongtong.attest.queries.steps import evidence_bundle, steps_of_enterprise, steps_of_subject
from rongtong.attest.queries.tree import (
    NoSuchProof,
    consistency_proof,
    inclusion_proof,
    inclusion_proofs,
    latest_checkpoint,
    latest_checkpoint_size,
)
from rongtong.attest.queries.verify import verify_log

__all__ = [
    "LogDamaged",
    "LogHeld",
    "NoSuchProof",
    "WitnessUnavailable",
    "append_steps",
    "consistency_proof",
    "deliver_checkpoints",
    "evidence_bundle",
    "fingerprint",
    "inclusion_proof",
    "inclusion_proofs",
    "keep_restore",
    "latest_checkpoint",
    "latest_checkpoint_size",
    "log_state",
    "public_key",
    "record_structure",
    "register_check",
    "register_evidence",
    "seal_rows",
    "sequence",
    "steps_of_enterprise",
    "steps_of_subject",
    "verify_log",
]

PLANNED = {
    "steps_of_enterprise": "insight",
}
"""What nothing outside of the tests calls yet, each with the capability that will."""
