"""All that a decision rests on, gathered once and in plain values, so that the decision itself is a pure function.

What an offer and a decision share is gathered by matching, which judges both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from rongtong.core.ids import encode_id
from rongtong.credit import facade as credit
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Exposure, OfferId, Product
from rongtong.origination.contracts import Application
from rongtong.origination.queries.register_inputs import register_inputs
from rongtong.origination.queries.related_parties import relations
from rongtong.origination.rules.policy import ENGINE
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation
from rongtong.records.contracts import Lookup, LookupState


def automatic_inputs(
    *,
    application: Application,
    product: Product,
    portrait: Portrait,
    consents: Sequence[UUID],
    as_of: date,
    lookups: Sequence[Lookup],
) -> dict[str, Any]:
    """The canonical inputs of an automatic decision; amounts in fen, rates as decimal strings."""
    firm = parties.organisation(application.enterprise_id)
    score = credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed)
    measured = matching.measure(
        portrait=portrait,
        score=score,
        firm=firm,
        product=product,
        exposure=_others(application, as_of),
        term_months=application.term_months,
        on=as_of,
    )
    terms = matching.priced_terms(
        amount_minor=min(application.amount_minor, measured.limit.amount_minor),
        asked_minor=application.amount_minor,
        term_months=application.term_months,
        method=application.repayment_method,
        annual_rate=application.annual_rate,
        fee_rate=product.fee_rate,
        as_of=as_of,
    )
    offer = matching.offer(offer_id=OfferId(application.offer_id))
    common = _common(application, product, firm, others=measured.exposure, terms=terms, as_of=as_of)
    inputs = {
        **common,
        **matching.measured_inputs(measured, firm),
        "path": "automatic",
        "consents": sorted(encode_id("cns", one) for one in consents),
    }
    inputs["offer"] = {
        "state": offer.state.value,
        **matching.since_offer(
            offer=offer,
            kind=product.kind,
            wish=_wish(application),
            portrait=portrait,
            exposure=measured.exposure,
            overdue_days=common["overdue_days"],
            as_of=as_of,
        ),
    }
    inputs["registers"] = register_inputs(lookups, as_of=as_of)
    if any(one.state is LookupState.SILENT or one.listed for one in lookups):
        inputs["offer"]["changed"].append("registers")
    return inputs


def manual_inputs(
    *,
    application: Application,
    product: Product,
    proposal: Mapping[str, Any],
    previous: Mapping[str, Any],
    terms: Mapping[str, Any] | None,
    as_of: date,
) -> dict[str, Any]:
    """The canonical inputs of a desk's decision: what was proposed, on top of which decision."""
    firm = parties.organisation(application.enterprise_id)
    return {
        **_common(application, product, firm, others=_others(application, as_of), terms=terms, as_of=as_of),
        "path": "manual",
        "proposal": dict(proposal),
        "previous": dict(previous),
    }


def _others(application: Application, as_of: date) -> Exposure:
    """What the firm owes or may come to owe besides this application."""
    found = matching.exposure(
        enterprise_ids=[application.enterprise_id], on=as_of, without=OfferId(application.offer_id)
    )
    return next(iter(found.values()))


def _common(
    application: Application,
    product: Product,
    firm: Organisation,
    *,
    others: Exposure,
    terms: Mapping[str, Any] | None,
    as_of: date,
) -> dict[str, Any]:
    related = relations([firm], [application.lender_id])
    return {
        "engine": ENGINE,
        **matching.common_inputs(
            wish=_wish(application),
            product=product,
            firm=firm,
            licence=parties.licence_in_force(institution_id=application.lender_id, on=as_of),
            related=related.get((firm.id, application.lender_id), ()),
            exposure=others,
            overdue_days=matching.arrears_of(enterprise_ids=[firm.id]).get(firm.id, 0),
            terms=terms,
            as_of=as_of,
        ),
    }


def _wish(application: Application) -> matching.Wish:
    return matching.Wish(
        id=encode_id("app", application.id),
        offer_id=encode_id("off", application.offer_id),
        amount_minor=application.amount_minor,
        term_months=application.term_months,
        repayment_method=application.repayment_method,
        annual_rate=application.annual_rate,
        fees_minor=application.fees_minor,
        purpose=application.purpose.value,
        human_review=application.human_review,
    )
