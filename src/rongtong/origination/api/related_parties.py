"""Related parties (关联方) of a lender or of the platform over HTTP: declared by itself, and its financing barred from then on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from rongtong.core.bounds import Code
from rongtong.core.clock import now
from rongtong.origination import facade as origination
from rongtong.origination.api.schemas import Rendered
from rongtong.origination.contracts import RelatedParty
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role

router = Router()


class RelatedPartyIn(Schema):
    """An identifier and how its holder is related."""

    scheme: Literal["uscc", "org_code", "lei"] = "uscc"
    value: Code
    relation: Annotated[str, Field(min_length=1, max_length=200)]


class RelatedPartyOut(Schema):
    """A declared related party."""

    scheme: str
    value: str
    relation: str
    declared_at: datetime


@router.get("/related-parties", response=list[RelatedPartyOut], summary="The related parties that one declared")
def list_related_parties(request: HttpRequest) -> list[Rendered]:
    own = parties.require_membership(request, Role.FUNDER, Role.OPERATOR)
    return [_rendered(one) for one in origination.related_parties(of=own.organisation_id)]


@router.post(
    "/related-parties",
    response={201: list[RelatedPartyOut]},
    summary="Declare a related party: its financing is barred from then on",
)
def declare_related_party(request: HttpRequest, given: RelatedPartyIn) -> Status[list[Rendered]]:
    own = parties.require_action(request, parties.Action.DECLARE_RELATED_PARTY)
    origination.declare_related_party(
        of=own.organisation_id,
        scheme=given.scheme,
        value=given.value,
        relation=given.relation,
        actor=parties.actor_of_membership(own),
        at=now(),
    )
    return Status(201, [_rendered(one) for one in origination.related_parties(of=own.organisation_id)])


def _rendered(one: RelatedParty) -> Rendered:
    return {"scheme": one.scheme, "value": one.value, "relation": one.relation, "declared_at": one.declared_at}
