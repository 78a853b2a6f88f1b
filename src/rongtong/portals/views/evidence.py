"""The evidence check: what the transparency log holds of a subject, each step proved anew, and the whole log verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from rongtong.attest import facade as attest
from rongtong.attest.contracts import InclusionProof, Leaf
from rongtong.core.errors import NotFound
from rongtong.parties.contracts import Role
from rongtong.portals.access import for_roles
from rongtong.portals.listing import asked, cut
from rongtong.portals.proofs import root_from


@dataclass(frozen=True)
class Proved:
    """A step and how its proof came out: `proved`, `pending` or `broken`."""

    leaf: Leaf
    state: str
    path: tuple[str, ...] = ()


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.REGULATOR, Role.OPERATOR)
def evidence(request: Any) -> HttpResponse:
    """Look a subject up and prove its steps; by POST, recompute the whole log."""
    subject = request.GET.get("subject", "").strip()[:120]
    leaves = attest.steps_of_subject(subject) if subject else ()
    page = cut(leaves, asked(request))
    context = {
        "subject": subject,
        "list": page,
        "proved": _prove(list(page.rows)),
        "checkpoint": attest.latest_checkpoint(),
        "public_key": attest.public_key().hex(),
        "result": attest.verify_log() if request.method == "POST" else None,
    }
    return render(request, "portals/regulator/evidence.html", context)


@require_safe
@for_roles()
def bundle(request: Any, subject: str) -> HttpResponse:
    """What a stranger needs to check the steps of a subject offline, as a file.

    With `?since=` the proof that the log grew from the checkpoint of that many leaves, which the stranger has kept.
    """
    since = request.GET.get("since", "")
    kept = int(since) if since.isascii() and since.isdecimal() and len(since) < 12 else None
    found = attest.evidence_bundle(subject, since=kept or None)
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="evidence-{subject[:60]}.json"'
    return response


@require_safe
def checkpoint(request: Any) -> HttpResponse:
    """The newest signed checkpoint, public: whoever keeps it can hold the platform to it."""
    newest = attest.latest_checkpoint()
    if newest is None:
        raise NotFound()
    return HttpResponse(newest.note, content_type="text/plain; charset=utf-8")


def _prove(leaves: list[Leaf]) -> list[Proved]:
    size = attest.latest_checkpoint_size()
    placed = [leaf for leaf in leaves if leaf.leaf_index is not None and leaf.leaf_index < size]
    proofs = attest.inclusion_proofs(leaf_indexes=[leaf.leaf_index for leaf in placed if leaf.leaf_index is not None], tree_size=size) if placed else []  # fmt: skip
    by_index = {proof.leaf_index: proof for proof in proofs}
    return [_proved(leaf, by_index.get(leaf.leaf_index) if leaf.leaf_index is not None else None) for leaf in leaves]


def _proved(leaf: Leaf, proof: InclusionProof | None) -> Proved:
    if proof is None:
        return Proved(leaf, "pending")
    path = [bytes.fromhex(one) for one in proof.path]
    root = root_from(bytes.fromhex(leaf.leaf_hash), proof.leaf_index, proof.tree_size, path)
    whole = root is not None and root.hex() == proof.root_hash
    return Proved(leaf, "proved" if whole else "broken", proof.path)
