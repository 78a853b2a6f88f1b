"""The checks of law and of the platform's practice on an offer and on an application: one set of rules, over canonical inputs.

An offer is judged as an application of the same day for it would be, so that what is offered can be decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rongtong.core.money import format_million, format_wan
from rongtong.matching.contracts import CheckState
from rongtong.matching.rules.check_wording import CHECKS, FIXES, REFUSALS, UNKNOWNS

Inputs = Mapping[str, Any]
_FAR = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One check and how it went; `gap` orders fixes: 0 is there already, 1 is all the way."""

    code: str
    state: CheckState
    text_zh: str
    text_en: str
    source: str = ""
    required: str = ""
    found: str = ""
    fix_zh: str = ""
    fix_en: str = ""
    gap: float = _FAR

    def plain(self) -> dict[str, str]:
        """As it is stored."""
        return {
            "code": self.code,
            "state": self.state.value,
            "text_zh": self.text_zh,
            "text_en": self.text_en,
            "source": self.source,
            "required": self.required,
            "found": self.found,
            "fix_zh": self.fix_zh,
            "fix_en": self.fix_en,
        }

    def reason(self) -> dict[str, str]:
        """As a reason of the decision."""
        return {"code": self.code, "text_zh": self.text_zh, "text_en": self.text_en, "source": self.source}


def check(
    code: str,
    state: CheckState,
    *,
    source: str = "",
    required: str | int = "",
    found: str | int = "",
    wording: str = "",
    gap: float = _FAR,
    gap_text: str = "",
) -> Check:
    """A check with its words: the statement when it passes, the refusal or the open question when it does not.

    `required` and `found` are texts, or amounts in fen.
    """
    table = {CheckState.PASSED: CHECKS, CheckState.UNKNOWN: UNKNOWNS}.get(state, REFUSALS)
    facts = {"required": required, "found": found, "gap": gap_text}
    text_zh, text_en = _told(table[code if state is CheckState.PASSED else wording or code], facts)
    fixes = _told(FIXES[code], facts) if state is CheckState.FAILED and code in FIXES else ("", "")
    return Check(code, state, text_zh, text_en, source, _zh(required), _zh(found), *fixes, gap)


def _told(texts: tuple[str, str], facts: Mapping[str, str | int]) -> tuple[str, str]:
    """A sentence in Chinese and in English, each with amounts as its readers write them."""
    english = {name: format_million(fact) if isinstance(fact, int) else fact for name, fact in facts.items()}
    return texts[0].format(**{name: _zh(fact) for name, fact in facts.items()}), texts[1].format(**english)


def _zh(fact: str | int) -> str:
    return format_wan(fact) if isinstance(fact, int) else fact


def worst(checks: Iterable[Check]) -> CheckState:
    """What checks come to together: failed, else in need of a person, else passed."""
    states = {one.state for one in checks}
    return next((state for state in (CheckState.FAILED, CheckState.REFERS) if state in states), CheckState.PASSED)


def statutory_checks(inputs: Inputs) -> list[Check]:
    """What no desk can waive: the licence, the region, the relation, the cap on the annual cost, the firm's limit."""
    return [_licence(inputs), _region(inputs), _related(inputs), _cap(inputs), *_exposure(inputs)]


def automatic_checks(inputs: Inputs) -> list[Check]:
    """What the automatic path looks at besides: lists, amounts, terms, the score, the age of the records, the price."""
    return [
        _listed(inputs, "dishonest", "crt_dishonest", "origination.dishonest_debtor"),
        _listed(inputs, "abnormal", "reg_abnormal", "origination.abnormal_operation"),
        check("capacity", _holds(passed=inputs["offer"]["state"] == "applied")),
        *_amounts(inputs),
        *_debts(inputs),
        *_overdue(inputs),
        *_terms(inputs),
        _score(inputs),
        _age(inputs),
        _circular(inputs),
        _price(inputs),
        _refers("purpose", inputs["application"]["purpose"] == "other"),
        _refers("human_review", inputs["application"]["human_review"], _source(inputs, "origination.human_review")),
    ]


def _rule(inputs: Inputs, rule_id: str) -> str:
    return str(inputs["rules"][rule_id]["value"])


def _source(inputs: Inputs, rule_id: str) -> str:
    return str(inputs["rules"][rule_id]["source"])


def _holds(*, passed: bool) -> CheckState:
    return CheckState.PASSED if passed else CheckState.FAILED


def _refers(code: str, doubtful: bool, source: str = "", **facts: Any) -> Check:
    return check(code, CheckState.REFERS if doubtful else CheckState.PASSED, source=source, **facts)


def _licence(inputs: Inputs) -> Check:
    licence = inputs["lender"]["licence"]
    found = licence["number"] if licence else ""
    return check(
        "licence",
        _holds(passed=licence is not None),
        source=_source(inputs, "origination.licensed_lender"),
        found=found,
    )


def _region(inputs: Inputs) -> Check:
    source = _source(inputs, "origination.licensed_lender")
    licence, region = inputs["lender"]["licence"], inputs["enterprise"]["region_code"]
    covered = licence["region_code"] if licence else ""
    if not region and covered:
        return check("licence_region", CheckState.UNKNOWN, source=source, required=covered)
    state = _holds(passed=region.startswith(covered))
    return check("licence_region", state, source=source, required=covered, found=region)


def _related(inputs: Inputs) -> Check:
    relations = inputs["related"]
    found = "、".join(one["relation"] for one in relations)
    source = _source(inputs, "origination.related_party")
    return check("related_party", _holds(passed=not relations), source=source, found=found)


def _cap(inputs: Inputs) -> Check:
    terms, cap = inputs["terms"], inputs["cap"]
    if terms is None or cap is None:
        return check("cost_cap", CheckState.PASSED)
    cost, bound = Decimal(cap["cost"]), Decimal(cap["cap"])
    return check(
        "cost_cap", _holds(passed=cost <= bound), source=cap["source"], required=_percent(bound), found=_percent(cost)
    )


def _exposure(inputs: Inputs) -> list[Check]:
    """All that the firm owes or may come to owe, with this, is not over its limit; decisions of before knew no such figure."""
    exposure, terms = inputs.get("exposure"), inputs["terms"]
    if exposure is None or terms is None or not terms["amount_minor"]:
        return []
    total, bound = exposure["total_minor"] + terms["amount_minor"], exposure["limit_minor"]
    source = _source(inputs, "credit.limit_single_firm_max")
    return [check("exposure", _holds(passed=total <= bound), source=source, required=bound, found=total)]


def _debts(inputs: Inputs) -> list[Check]:
    """What the firm owes outside of the platform is not known here, so rules alone lend no more than a bound to it in all.

    It is a condition of every approval that the lender reads the credit report. An evaluation, where no source could be
    asked, goes on without it.
    """
    rule_id = "origination.debts_unknown_automatic_max"
    exposure = inputs.get("exposure")
    if exposure is None:
        return []
    source, bound = _source(inputs, rule_id), int(_rule(inputs, rule_id)) * 100
    total = exposure["total_minor"] + inputs["terms"]["amount_minor"]
    state = CheckState.REFERS if total > bound and not exposure["evaluation"] else CheckState.UNKNOWN
    return [check("debts_elsewhere", state, source=source, required=bound, found=total)]


def _overdue(inputs: Inputs) -> list[Check]:
    """Whoever is overdue at any lender of the platform pays that first; decisions of before did not ask."""
    days = inputs.get("overdue_days")
    if days is None:
        return []
    rule_id = "origination.overdue_here"
    source, state = _source(inputs, rule_id), CheckState.PASSED
    if days:
        state = CheckState.FAILED if _rule(inputs, rule_id) == "decline" else CheckState.REFERS
    return [check("overdue_here", state, source=source, found=str(days))]


def _listed(inputs: Inputs, code: str, fact: str, rule_id: str) -> Check:
    value, source = inputs["facts"].get(fact), _source(inputs, rule_id)
    if value is None:
        return check(code, CheckState.UNKNOWN, source=source)
    if not value:
        return check(code, CheckState.PASSED, source=source)
    return check(code, CheckState.FAILED if _rule(inputs, rule_id) == "decline" else CheckState.REFERS, source=source)


def _amounts(inputs: Inputs) -> list[Check]:
    asked, granted = inputs["application"]["amount_minor"], inputs["terms"]["amount_minor"]
    least, bound = inputs["product"]["min_minor"], int(_rule(inputs, "origination.automatic_amount_max")) * 100
    reduced = granted < asked
    limit = check("limit", CheckState.PASSED, required=granted, found=asked)
    if reduced:  # not a refusal: the firm is granted what the limit holds, and may accept or not
        zh, en = _told(REFUSALS["limit"], {"required": granted, "found": asked})
        limit = Check("limit", CheckState.PASSED, zh, en, "", format_wan(granted), format_wan(asked))
    return [
        check(
            "amount",
            _holds(passed=granted >= min(least, asked)),
            required=least,
            found=granted,
            gap=_relative(granted, least),
        ),
        limit,
        _refers(
            "automatic_amount",
            granted > bound,
            _source(inputs, "origination.automatic_amount_max"),
            required=bound,
            found=granted,
        ),
    ]


def _terms(inputs: Inputs) -> list[Check]:
    application, product = inputs["application"], inputs["product"]
    months, offered = application["term_months"], product["terms_months"]
    bound = int(_rule(inputs, "origination.working_capital_months_max"))
    return [
        check(
            "term",
            _holds(passed=months in offered),
            required="、".join(map(str, offered)),
            found=str(months),
            gap=min((_relative(months, one) for one in offered), default=_FAR),
        ),
        check("method", _holds(passed=application["repayment_method"] in product["methods"])),
        _refers(
            "working_capital_term",
            application["purpose"] != "equipment" and months > bound,
            _source(inputs, "origination.working_capital_months_max"),
            required=str(bound),
            found=str(months),
        ),
    ]


def _score(inputs: Inputs) -> Check:
    score, product = inputs["score"]["score"], inputs["product"]
    line, refer = product["approve_from"], product["refer_from"]
    if score >= line:
        return check("score", CheckState.PASSED, required=str(line), found=str(score))
    if score >= refer:
        return check("score", CheckState.REFERS, wording="score_refers", required=str(line), found=str(score))
    return check(
        "score",
        CheckState.FAILED,
        required=str(refer),
        found=str(score),
        gap=_relative(score, refer),
        gap_text=str(refer - score),
    )


def _age(inputs: Inputs) -> Check:
    source, bound = (
        _source(inputs, "origination.records_age_days_max"),
        _rule(inputs, "origination.records_age_days_max"),
    )
    days = [date.fromisoformat(day) for day in inputs["portrait"]["freshness"].values() if day]
    if not days:
        return check("records_age", CheckState.UNKNOWN, source=source, required=bound)
    age = (date.fromisoformat(inputs["as_of"]) - max(days)).days
    return _refers("records_age", age > int(bound), source, required=bound, found=str(age))


def _circular(inputs: Inputs) -> Check:
    rule_id = "origination.circular_share_max"
    share, bound = inputs["facts"].get("inv_circular_share"), Decimal(_rule(inputs, rule_id))
    if share is None:
        return check("circular_trade", CheckState.UNKNOWN, source=_source(inputs, rule_id), required=_percent(bound))
    found = Decimal(repr(share))
    return _refers(
        "circular_trade", found > bound, _source(inputs, rule_id), required=_percent(bound), found=_percent(found)
    )


def _price(inputs: Inputs) -> Check:
    rule_id = "origination.price_rise_max"
    bound = Decimal(_rule(inputs, rule_id))
    rise = Decimal(inputs["price"]["annual_rate"]) - Decimal(inputs["application"]["annual_rate"])
    return _refers("price", rise > bound, _source(inputs, rule_id), required=_percent(bound), found=_percent(rise))


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:.2f}%"


def _relative(found: float, wanted: float) -> float:
    return min(_FAR, abs(wanted - found) / max(abs(wanted), abs(found), 1e-9))
