from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.core.canonical import canonical_json, digest
from rongtong.matching.rules.checks import check
from rongtong.origination.contracts import CheckState
from rongtong.origination.rules.policy import ENGINE, decide

RULES = {
    "origination.automatic_amount_max": "5000000",
    "origination.working_capital_months_max": "36",
    "origination.records_age_days_max": "93",
    "origination.circular_share_max": "0.3",
    "origination.price_rise_max": "0.01",
    "origination.dishonest_debtor": "decline",
    "origination.abnormal_operation": "refer",
    "origination.related_party": "decline",
    "origination.licensed_lender": "required",
    "origination.human_review": "refer",
}
INPUTS: dict[str, Any] = {
    "engine": "1",
    "path": "automatic",
    "offer": {"state": "applied"},
    "as_of": "2026-06-01",
    "application": {
        "id": "app_1",
        "offer_id": "off_1",
        "amount_minor": 50_000_000,
        "term_months": 12,
        "repayment_method": "annuity",
        "annual_rate": "0.06",
        "fees_minor": 0,
        "purpose": "goods",
        "human_review": False,
    },
    "enterprise": {"id": "org_1", "identifiers": [["uscc", "X"]], "region_code": "330106", "industry_code": "C39"},
    "lender": {
        "id": "org_2",
        "licence": {"type": "bank", "number": "L", "region_code": "33", "valid_to": "2031-01-01"},
    },
    "product": {
        "id": "prd_1",
        "code": "p",
        "version": 1,
        "digest": "d",
        "min_minor": 10_000_000,
        "max_minor": 300_000_000,
        "terms_months": [6, 12],
        "methods": ["annuity"],
        "approve_from": 590,
        "refer_from": 565,
        "rules": [
            {
                "fact": "inv_sales_12m_fen",
                "operator": ">=",
                "value": 500_000_000,
                "unknown": "fail",
                "title_zh": "近12个月开票净销售额",
                "title_en": "Net invoiced sales of 12 months",
                "unit": "fen",
            },
            {
                "fact": "org_region",
                "operator": "in",
                "value": ["33"],
                "unknown": "fail",
                "title_zh": "注册地",
                "title_en": "Place of registration",
                "unit": "code",
            },
            {
                "fact": "pow_kwh_yoy",
                "operator": ">=",
                "value": -0.3,
                "unknown": "refer",
                "title_zh": "用电量同比",
                "title_en": "Electricity use year on year",
                "unit": "percent",
            },
        ],
    },
    "related": [],
    "terms": {
        "amount_minor": 50_000_000,
        "reduced": False,
        "term_months": 12,
        "repayment_method": "annuity",
        "annual_rate": "0.06",
        "fees_minor": 0,
        "cost_simple": "0.06",
        "cost_effective": "0.0617",
    },
    "cap": {"method": "effective", "cost": "0.0617", "cap": "0.24", "rule_id": "r", "source": "s", "note": ""},
    "rules": {
        key: {"value": value, "source": f"source of {key}", "effective_from": "2015-01-01"}
        for key, value in RULES.items()
    },
    "notes": {},
    "rulebook_version": "v",
    "portrait": {
        "id": "prt_1",
        "digest": "d",
        "as_of": "2026-06-01",
        "version": "1",
        "values": {},
        "freshness": {"invoices": "2026-05-30", "courts": None},
        "snapshot_ids": {},
    },
    "facts": {
        "inv_sales_12m_fen": 1_800_000_000.0,
        "org_region": "330106",
        "pow_kwh_yoy": 0.1,
        "crt_dishonest": 0.0,
        "reg_abnormal": 0.0,
        "inv_circular_share": 0.0,
    },
    "score": {
        "scorecard": "expert",
        "version": "1",
        "score": 640,
        "grade": "B",
        "pd": "0.02",
        "reasons": [{"code": "few_buyers", "text_zh": "客户较少", "text_en": "Few buyers", "points_lost": 12}],
    },
    "limit": {"amount_minor": 60_000_000, "lines": []},
    "price": {"annual_rate": "0.06", "lines": []},
    "consents": ["cns_1"],
}


def decided(**changes: Any) -> dict[str, Any]:
    """The result with changes given by path: `application__purpose="other"`."""
    inputs = copy.deepcopy(INPUTS)
    for path, value in changes.items():
        place = inputs
        *heads, last = path.split("__")
        for head in heads:
            place = place[head]
        place[last] = value
    return decide(inputs)


def states(result: dict[str, Any]) -> dict[str, str]:
    return {check["code"]: check["state"] for check in result["checks"] if check["state"] != "passed"}


class TestDecide:
    def test_approves_when_every_check_passes(self) -> None:
        result = decided()
        assert result["outcome"] == "approved"
        assert states(result) == {}
        assert result["terms"]["amount_minor"] == 50_000_000
        assert "640" in result["reasons"][0]["text_zh"]

    @pytest.mark.parametrize(
        ("change", "failed"),
        [
            ({"lender__licence": None}, "licence"),
            ({"offer__state": "expired"}, "capacity"),
            ({"related": [{"of": "org_2", "relation": "股东", "scheme": "uscc"}]}, "related_party"),
            ({"cap__cost": "0.2400001"}, "cost_cap"),
            ({"facts__crt_dishonest": 1.0}, "dishonest"),
            ({"application__term_months": 18}, "term"),
            ({"application__repayment_method": "bullet"}, "method"),
            ({"score__score": 564}, "score"),
            ({"terms__amount_minor": 9_000_000}, "amount"),
            ({"facts__inv_sales_12m_fen": 499_999_999.0}, "product.inv_sales_12m_fen"),
            ({"facts__inv_sales_12m_fen": None}, "product.inv_sales_12m_fen"),
            ({"enterprise__region_code": "440300"}, "licence_region"),
            ({"facts__org_region": "440300"}, "product.org_region"),
        ],
    )
    def test_declines_with_the_check_that_failed(self, change: dict[str, Any], failed: str) -> None:
        result = decided(**change)
        assert result["outcome"] == "declined"
        assert states(result)[failed] == "failed"
        assert failed in {reason["code"] for reason in result["reasons"]}
        assert result["terms"] is None

    @pytest.mark.parametrize(
        ("change", "doubtful"),
        [
            ({"facts__reg_abnormal": 1.0}, "abnormal"),
            ({"score__score": 589}, "score"),
            ({"terms__amount_minor": 500_000_100}, "automatic_amount"),
            ({"portrait__freshness": {"invoices": "2026-02-27"}}, "records_age"),
            ({"facts__inv_circular_share": 0.31}, "circular_trade"),
            ({"price__annual_rate": "0.0701"}, "price"),
            ({"application__purpose": "other"}, "purpose"),
            ({"facts__pow_kwh_yoy": None}, "product.pow_kwh_yoy"),
        ],
    )
    def test_refers_with_the_check_that_is_doubtful(self, change: dict[str, Any], doubtful: str) -> None:
        result = decided(**change)
        assert result["outcome"] == "referred"
        assert states(result) == {doubtful: "refers"}
        assert result["reasons"][0]["code"] == doubtful
        assert result["terms"] is None

    @pytest.mark.parametrize(
        "change",
        [
            {"score__score": 590},
            {"cap__cost": "0.24"},
            {"facts__inv_circular_share": 0.3},
            {"price__annual_rate": "0.07"},
            {"terms__amount_minor": 10_000_000},
            {"portrait__freshness": {"invoices": "2026-02-28"}},
            {"facts__inv_sales_12m_fen": 500_000_000.0},
        ],
    )
    def test_passes_at_the_very_bound(self, change: dict[str, Any]) -> None:
        assert decided(**change)["outcome"] == "approved"

    def test_refers_to_a_person_who_asked_for_one_even_where_a_check_failed(self) -> None:
        result = decided(application__human_review=True, score__score=300)
        assert result["outcome"] == "referred"
        assert {"score", "human_review"} <= set(states(result))

    def test_makes_what_the_records_do_not_say_a_condition(self) -> None:
        result = decided(facts__crt_dishonest=None, facts__reg_abnormal=None)
        assert result["outcome"] == "approved"
        assert [one["code"] for one in result["conditions"]] == ["dishonest", "abnormal"]

    def test_grants_what_the_limit_holds_and_says_so(self) -> None:
        result = decided(terms__amount_minor=30_000_000, terms__reduced=True)
        assert result["outcome"] == "approved"
        assert any("30万元" in reason["text_zh"] for reason in result["reasons"])

    def test_shows_the_shortest_way_to_a_yes_first(self) -> None:
        result = decided(facts__inv_sales_12m_fen=490_000_000.0, facts__crt_dishonest=1.0, score__score=400)
        assert [fix["code"] for fix in result["fixes"]] == ["product.inv_sales_12m_fen", "score", "dishonest"]
        assert "490万元" in result["fixes"][0]["text_zh"]

    def test_names_the_points_lost_when_the_score_decides(self) -> None:
        result = decided(score__score=500)
        assert [reason["code"] for reason in result["reasons"]] == ["score", "score.few_buyers"]
        assert "65" in result["fixes"][0]["text_zh"]

    def test_cites_its_source_for_each_check_of_law(self) -> None:
        law = {"licence", "related_party", "cost_cap", "dishonest", "abnormal"}
        assert all(check["source"] for check in decided()["checks"] if check["code"] in law)

    def test_keeps_the_notes_on_old_rules(self) -> None:
        note = "The earliest known row is used"
        assert decided(notes={"rate.cap": note})["notes"] == [f"rate.cap: {note}"]

    @given(
        st.integers(300, 900),
        st.one_of(st.none(), st.floats(0, 1)),
        st.one_of(st.none(), st.sampled_from([0.0, 1.0])),
        st.booleans(),
    )
    def test_gives_the_same_bytes_after_a_round_through_storage(
        self, score: int, circular: float | None, dishonest: float | None, human: bool
    ) -> None:
        inputs = copy.deepcopy(INPUTS)
        inputs["score"]["score"] = score
        inputs["facts"]["inv_circular_share"] = circular
        inputs["facts"]["crt_dishonest"] = dishonest
        inputs["application"]["human_review"] = human
        stored = canonical_json(inputs)
        assert canonical_json(decide(json.loads(stored))) == canonical_json(decide(inputs))


class TestDecideAtTheDesk:
    def manual(self, outcome: str, **changes: Any) -> dict[str, Any]:
        return decided(path="manual", proposal={"outcome": outcome, "reason": "现场核实"}, previous={}, **changes)

    def test_follows_the_desk(self) -> None:
        result = self.manual("approved", score__score=300, facts__crt_dishonest=1.0)
        assert (result["outcome"], result["barred"]) == ("approved", [])
        assert result["reasons"][0]["text_zh"] == "现场核实"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"lender__licence": None}, "licence"),
            ({"cap__cost": "0.25"}, "cost_cap"),
            ({"related": [{"of": "org_2", "relation": "股东", "scheme": "uscc"}]}, "related_party"),
        ],
    )
    def test_names_what_bars_it(self, change: dict[str, Any], code: str) -> None:
        assert self.manual("countered", **change)["barred"] == [code]

    def test_is_never_barred_from_declining(self) -> None:
        assert self.manual("declined", lender__licence=None)["barred"] == []


class TestEngine:
    def test_is_raised_whenever_the_same_inputs_would_give_another_result(self) -> None:
        """Stored decisions are replayed by this engine: on a change here raise ENGINE and keep the one of before."""
        results = [decided(), decided(score__score=500), decided(facts__pow_kwh_yoy=None)]
        assert (ENGINE, digest(results)) == ("1", "9bb75e2c7084e47d40ee6a5365690fd63dc8609751304fb17c90456f962aca09")


class TestCheck:
    def test_writes_amounts_as_the_readers_of_each_language_do(self) -> None:
        found = check("automatic_amount", CheckState.REFERS, required=500_000_000, found=652_000_000)
        assert ("652万元" in found.text_zh, "¥6.52 million" in found.text_en, "万" in found.text_en) == (
            True,
            True,
            False,
        )
        assert (found.required, found.found) == ("500万元", "652万元")
