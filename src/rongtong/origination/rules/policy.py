"""The decision as a pure function: canonical inputs in, result out, the same bytes whenever it is computed.

`decide` reads nothing but its inputs, so that a stored decision can be replayed. A change that would give another
result for the same inputs raises ENGINE, and the engine of before is kept beside the new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rongtong.matching.facade import CHANGES, Check, judge_case, statutory_checks, worst
from rongtong.origination.contracts import CheckState, Outcome
from rongtong.origination.rules.register_checks import register_checks, without_answered

ENGINE = "1"
UNDECIDED = "undecided"
"""The path of an application that the rules could not decide: `obstacle` says why."""
_REASONS_SHOWN = 4
_FIXES_SHOWN = 3
_OUTCOMES = {CheckState.FAILED: Outcome.DECLINED, CheckState.REFERS: Outcome.REFERRED}

Inputs = Mapping[str, Any]


def decide(inputs: Inputs) -> dict[str, Any]:
    """The result of a decision: outcome, terms, checks, reasons, fixes, conditions, notes; plain values only.

    The automatic path declines on a failed check and refers on a doubtful one; a request for a person always refers
    (个人信息保护法 art. 24), and so does an obstacle that kept the rules from deciding. A desk's decision stands unless the law bars it: then `barred` names the checks.
    """
    if inputs["path"] == "manual":
        return _manual(inputs)
    if inputs["path"] == UNDECIDED:
        return _result(inputs, Outcome.REFERRED, None, [], [dict(inputs["obstacle"])])
    checks = [*register_checks(inputs), *without_answered(inputs, judge_case(inputs))]
    outcome = _OUTCOMES.get(worst(checks), Outcome.APPROVED)
    if inputs["application"]["human_review"]:
        outcome = Outcome.REFERRED
    granted = inputs["terms"] if outcome is Outcome.APPROVED else None
    reasons = [*_reasons(inputs, outcome, checks), *_since_offer(inputs, outcome)]
    return _result(inputs, outcome, granted, checks, reasons)


def _manual(inputs: Inputs) -> dict[str, Any]:
    proposal = inputs["proposal"]
    outcome = Outcome(proposal["outcome"])
    grants = outcome in {Outcome.APPROVED, Outcome.COUNTERED}
    checks = statutory_checks(inputs) if grants else []
    reasons = [{"code": "desk", "text_zh": proposal["reason"], "text_en": proposal["reason"], "source": ""}]
    result = _result(inputs, outcome, inputs["terms"] if grants else None, checks, reasons)
    result["barred"] = [check.code for check in checks if check.state is CheckState.FAILED]
    return result


def _result(
    inputs: Inputs,
    outcome: Outcome,
    granted: Mapping[str, Any] | None,
    checks: list[Check],
    reasons: list[dict[str, str]],
) -> dict[str, Any]:
    return {
        "engine": ENGINE,
        "outcome": outcome.value,
        "terms": dict(granted) if granted else None,
        "checks": [check.plain() for check in checks],
        "reasons": reasons,
        "fixes": _fixes(inputs, checks) if outcome is Outcome.DECLINED else [],
        "conditions": [check.reason() for check in checks if check.state is CheckState.UNKNOWN],
        "notes": [f"{rule_id}: {note}" for rule_id, note in sorted(inputs["notes"].items())],
    }


def _reasons(inputs: Inputs, outcome: Outcome, checks: list[Check]) -> list[dict[str, str]]:
    score = inputs["score"]
    lost = [
        {"code": f"score.{one['code']}", "text_zh": one["text_zh"], "text_en": one["text_en"], "source": ""}
        for one in score["reasons"]
    ]
    if outcome is Outcome.APPROVED:
        line = inputs["product"]["approve_from"]
        passed = {
            "code": "score",
            "text_zh": f"信用评分{score['score']}分（{score['grade']}级），达到资金方的自动通过线{line}分，各项审批规则均已通过",
            "text_en": f"The credit score of {score['score']} (grade {score['grade']}) reaches the lender's line of {line}, and every rule is met",
            "source": "",
        }
        limited = [check.reason() for check in checks if check.code == "limit" and check.found != check.required]
        return [passed, *(one for one in limited if inputs["terms"]["reduced"])]
    wanted = {CheckState.FAILED} if outcome is Outcome.DECLINED else {CheckState.FAILED, CheckState.REFERS}
    told = [check.reason() for check in checks if check.state in wanted]
    scored = any(check.code == "score" and check.state in wanted for check in checks)
    return [*told, *(lost if scored else [])][: max(_REASONS_SHOWN, len(told))]


def _since_offer(inputs: Inputs, outcome: Outcome) -> list[dict[str, str]]:
    """Where a decision is another than the offer said: what changed in between."""
    offer = inputs["offer"]
    said = offer.get("automatic")
    if said is None or outcome is (Outcome.APPROVED if said else Outcome.REFERRED):
        return []
    names = [CHANGES[one] for one in offer["changed"]]
    if not names:
        return []
    zh, en = "、".join(name[0] for name in names), ", ".join(name[1] for name in names)
    return [
        {
            "code": "since_offer",
            "text_zh": f"与{offer['as_of']}报价时相比，以下内容已变化：{zh}",
            "text_en": f"Changed since the offer of {offer['as_of']}: {en}",
            "source": "",
        }
    ]


def _fixes(inputs: Inputs, checks: list[Check]) -> list[dict[str, str]]:
    """The shortest way to a yes: what can be mended, the smallest change first, then the strongest loss of points."""
    mendable = sorted(
        (check for check in checks if check.state is CheckState.FAILED and check.fix_zh), key=lambda check: check.gap
    )
    fixes = [{"code": one.code, "text_zh": one.fix_zh, "text_en": one.fix_en, "source": one.source} for one in mendable]
    if any(check.code == "score" and check.state is CheckState.FAILED for check in checks):
        fixes += [
            {
                "code": f"score.{one['code']}",
                "text_zh": f"改善失分项：{one['text_zh']}",
                "text_en": f"Mend what costs points: {one['text_en']}",
                "source": "",
            }
            for one in inputs["score"]["reasons"][:1]
        ]
    return fixes[:_FIXES_SHOWN]
