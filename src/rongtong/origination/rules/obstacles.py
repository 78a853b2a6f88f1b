"""What kept the lender's rules from deciding, in words for the firm and for the lender's desk."""

from __future__ import annotations

_KNOWN = {
    "portrait_missing": (
        "尚无截至申请日的企业画像，无法按规则自动审批，转资金方人工审批",
        "There is no portrait up to the day of the application, so the rules could not decide: a person at the lender does",
    ),
    "rule_unknown": (
        "审批所需的规则缺失，无法自动审批，转资金方人工审批",
        "A rule that the decision needs is missing, so the rules could not decide: a person at the lender does",
    ),
}
_KNOWN["rule_not_in_force"] = _KNOWN["rule_unknown"]
_OTHER = (
    "自动审批未能完成（{code}），转资金方人工审批",
    "The automatic decision could not be made ({code}): a person at the lender decides",
)


def obstacle(code: str) -> dict[str, str]:
    """A reason by the code of the error that stood in the way."""
    chinese, english = _KNOWN.get(code, _OTHER)
    return {
        "code": f"undecided.{code}",
        "text_zh": chinese.format(code=code),
        "text_en": english.format(code=code),
        "source": "",
    }
