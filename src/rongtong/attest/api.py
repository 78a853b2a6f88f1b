"""The transparency log for whoever wants to check it: checkpoints, proofs, bundles. Checkpoints and proofs are public."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from rongtong.attest import facade as attest
from rongtong.core.errors import NotFound

router = Router()
Index = Annotated[int, Field(ge=0, le=2**62)]
Size = Annotated[int, Field(ge=1, le=2**62)]


class LogEmpty(NotFound):
    """No step has been sequenced yet, so there is no checkpoint."""

    code = "log_empty"
    message = _("The log is still empty.")


class CheckpointOut(Schema):
    """A signed statement of the log's size and root; `note` is a signed note that anyone may keep."""

    tree_size: int
    root_hash: str
    signed_at: datetime
    note: str
    public_key: str


class InclusionOut(Schema):
    """That a leaf is in the tree of a size (RFC 9162, 2.1.3); hashes as hex."""

    leaf_index: int
    tree_size: int
    leaf_hash: str
    root_hash: str
    path: tuple[str, ...]


class ConsistencyOut(Schema):
    """That the tree only grew between two sizes (RFC 9162, 2.1.4); hashes as hex."""

    old_size: int
    new_size: int
    old_root: str
    new_root: str
    path: tuple[str, ...]


@router.get("/checkpoint", auth=None, response=CheckpointOut, summary="The newest signed checkpoint, and the key")
def latest_checkpoint(request: HttpRequest) -> dict[str, Any]:
    checkpoint = attest.latest_checkpoint()
    if checkpoint is None:
        raise LogEmpty()
    return {
        "tree_size": checkpoint.tree_size,
        "root_hash": checkpoint.root_hash,
        "signed_at": checkpoint.signed_at,
        "note": checkpoint.note,
        "public_key": attest.public_key().hex(),
    }


class InclusionIn(Schema):
    """Which leaf, in the tree of which size."""

    leaf_index: int = Field(ge=0, le=2**62)
    tree_size: int = Field(ge=1, le=2**62)


class ConsistencyIn(Schema):
    """From which size to which."""

    old_size: int = Field(ge=1, le=2**62)
    new_size: int = Field(ge=1, le=2**62)


@router.get("/inclusion", auth=None, response=InclusionOut, summary="The proof that a leaf is in the log")
def inclusion(request: HttpRequest, asked: Query[InclusionIn]) -> Any:
    return attest.inclusion_proof(leaf_index=asked.leaf_index, tree_size=asked.tree_size)


@router.get("/consistency", auth=None, response=ConsistencyOut, summary="The proof that the log only grew")
def consistency(request: HttpRequest, asked: Query[ConsistencyIn]) -> Any:
    return attest.consistency_proof(old_size=asked.old_size, new_size=asked.new_size)


@router.get("/bundle/{subject}", summary="What a stranger needs to check a subject's steps offline")
def bundle(request: HttpRequest, subject: str, since: Size | None = None) -> dict[str, Any]:
    """Steps, proofs, checkpoint and evidence of one subject that the caller may see, for `examples/verify_offline.py`.

    `since` is the size of a checkpoint that the stranger kept: the bundle then proves that the log continues it.
    """
    return attest.evidence_bundle(subject[:120], since=since)
