"""A discount is given where its conditions are known to hold, and to nobody else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from rongtong.config.reference import CAPABILITIES
from rongtong.core.ids import new_id
from rongtong.features import facade as features
from rongtong.matching.actions.sync_products import packaged_products
from rongtong.matching.contracts import Product
from rongtong.matching.rules.facts import fact_of
from rongtong.matching.rules.product_terms import price_terms, read_terms
from rongtong.parties.contracts import OrganisationId

TERMS = {one["code"]: one for one in packaged_products()}
DISCOUNTED = [code for code, one in TERMS.items() if one["price"].get("discounts")]


def of_discount(name: str) -> str:
    return next(code for code in DISCOUNTED if name in TERMS[code]["price"]["discounts"])


def product(terms: dict) -> Product:  # type: ignore[type-arg]  # JSON
    return read_terms(
        terms,
        product_id=new_id(),
        version=1,
        lender_id=OrganisationId(new_id()),
        lender_name="",
        lender_type="bank",
        effective_from=date(2015, 1, 1),
        digest="",
    )


class TestDiscounts:
    @pytest.mark.parametrize("code", DISCOUNTED)
    def test_stand_beside_their_conditions(self, code: str) -> None:
        assert all(one["when"] for one in TERMS[code]["price"]["discounts"].values())

    @pytest.mark.parametrize("code", DISCOUNTED)
    def test_are_not_given_where_nothing_is_known(self, code: str) -> None:
        assert price_terms(product(TERMS[code]), {}).discounts == {}

    @pytest.mark.parametrize(("points", "given"), [(4.0, True), (3.0, False), (None, False), (float("nan"), False)])
    def test_for_tax_grade_a_need_that_grade(self, points: float | None, given: bool) -> None:
        terms = price_terms(product(TERMS[of_discount("tax_a")]), {"tax_grade_points": points})
        assert terms.discounts == ({"tax_a": Decimal("0.0020")} if given else {})

    def test_for_a_first_loan_need_proof_and_no_known_debt_is_none(self) -> None:
        wanted = product(TERMS[of_discount("first_loan")])
        assert price_terms(wanted, {"bnk_inflow_12m_fen": 1.0, "first_loan_proven": None}).discounts == {}
        assert set(price_terms(wanted, {"first_loan_proven": 1.0}).discounts) == {"first_loan"}

    def test_ask_for_facts_that_a_source_knows_or_that_are_planned(self) -> None:
        """A condition on what nothing ever states would be a promise to nobody."""
        known = {one.name for one in features.catalogue()} | {"score", "org_region", "org_industry", "org_size"}
        asked = {
            rule["fact"]
            for terms in TERMS.values()
            for rules in (terms["rules"], *(one["when"] for one in terms["price"].get("discounts", {}).values()))
            for rule in rules
        }
        planned = {name for name in asked if fact_of(name).planned}
        assert asked - known == planned == {"first_loan_proven"}
        assert {fact_of(name).planned for name in planned} <= set(CAPABILITIES)

    @pytest.mark.parametrize("debts", [{"bnk_loan_interest_12m_fen": 5e6}, {"bnk_loan_interest_12m_fen": 0.0}, {}])
    def test_for_a_first_loan_are_given_on_no_bank_flows_alone(self, debts: dict[str, float]) -> None:
        """That one bank's account shows no interest says nothing of loans elsewhere; that it shows some, says there are."""
        assert price_terms(product(TERMS[of_discount("first_loan")]), debts).discounts == {}

    def test_without_a_condition_are_given_to_nobody(self) -> None:
        terms = {**TERMS[DISCOUNTED[0]]}
        terms["price"] = {**terms["price"], "discounts": {"tax_a": "0.0020"}}
        assert price_terms(product(terms), {"tax_grade_points": 4.0}).discounts == {}
