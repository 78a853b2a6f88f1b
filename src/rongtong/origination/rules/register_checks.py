"""What the public registers say in an automatic decision: neither a listing nor a silence passes unheard.

Inputs of decisions made before the look-ups were kept have no `registers`, and come out as they did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rongtong.matching.facade import Check
from rongtong.origination.contracts import CheckState

Inputs = Mapping[str, Any]

_TITLES = {
    "dishonest": ("失信被执行人名单", "the list of dishonest judgment debtors"),
    "enforcement": ("被执行人信息", "the list of judgment debtors under enforcement"),
    "registration": ("企业登记状态", "the register of firms"),
    "abnormal": ("经营异常名录", "the list of abnormal operations"),
}
_AGAINST = {
    "dishonest": ("企业被列入失信被执行人名单", "The firm is listed as a dishonest judgment debtor"),
    "enforcement": ("企业存在被执行信息", "A court is enforcing a claim against the firm"),
    "registration": (
        "企业登记状态异常（已注销、吊销或查无此企业）",
        "The firm is struck off, revoked, or not in the register",
    ),
    "abnormal": ("企业被列入经营异常名录", "The firm is listed for abnormal operation"),
}
_SUPERSEDED = frozenset({"dishonest", "abnormal"})
"""Checks on the firm's records that a register of the same name answers first-hand."""


def register_checks(inputs: Inputs) -> list[Check]:
    """One check for each look-up: listed leads to what the rule says, no answer to a person, not asked to an assumption."""
    return [_check(one) for one in inputs.get("registers", ())]


def without_answered(inputs: Inputs, checks: Sequence[Check]) -> list[Check]:
    """The checks without those on the firm's records that say nothing where a register has answered first-hand."""
    answered = {one["register"] for one in inputs.get("registers", ()) if one["state"] == "answered"}
    return [one for one in checks if one.state is not CheckState.UNKNOWN or one.code not in _SUPERSEDED & answered]


def _check(lookup: Mapping[str, Any]) -> Check:
    register, code = lookup["register"], f"register.{lookup['register']}"
    zh, en = _TITLES[register]
    source = lookup["source"]
    if lookup["state"] == "not_asked":
        text_zh, text_en = (
            f"评估中无法查询{zh}，假设企业无不良记录",
            f"Assumed in this evaluation: nothing stands against the firm in {en}",
        )
        return Check(code, CheckState.UNKNOWN, text_zh, text_en, source)
    if lookup["state"] != "answered":
        text_zh, text_en = f"{zh}查询未获答复，转人工核实", f"There was no answer from {en}: a person decides"
        return Check(code, CheckState.REFERS, text_zh, text_en, source)
    if not lookup["listed"]:
        return Check(
            code, CheckState.PASSED, f"已查询{zh}，无不良记录", f"Looked up in {en}: nothing against the firm", source
        )
    state = CheckState.FAILED if lookup["leads_to"] == "decline" else CheckState.REFERS
    return Check(code, state, *_AGAINST[register], source)
