"""How Chinese users read money, which is an integer in the currency's minor unit: fen."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

MINOR_PER_MAJOR = 100
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def format_yuan(minor: int) -> str:
    """`1234567` -> `12,345.67`."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def format_wan(minor: int) -> str:
    """The way Chinese users read amounts: `12,345.67元`, `123.46万元`, `1.23亿元`; two decimals, half up."""
    major = abs(Decimal(minor)) / MINOR_PER_MAJOR
    sign = "-" if minor < 0 else ""
    for threshold, unit in ((10**8, "亿元"), (10**4, "万元")):
        if major >= threshold:
            value = (major / threshold).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
            if value == 10**4 and unit == "万元":  # 9,999.999万 rounds up into 亿
                return f"{sign}1亿元"
            text = f"{value:,f}"
            return f"{sign}{text.rstrip('0').rstrip('.')}{unit}"
    return f"{format_yuan(minor)}元"


def format_million(minor: int) -> str:
    """The same in English: `¥12,345.67`, `¥1.23 million`, `¥1.23 billion`; two decimals, half up."""
    sign, major = "-" if minor < 0 else "", abs(Decimal(minor)) / MINOR_PER_MAJOR
    for threshold, unit in ((10**9, " billion"), (10**6, " million")):
        if major >= threshold:
            short = (major / threshold).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
            return f"{sign}¥{f'{short:,f}'.rstrip('0').rstrip('.')}{unit}"
    return f"{sign}¥{format_yuan(abs(minor)).removesuffix('.00')}"


def capital_amount(minor: int) -> str:
    """The amount in banker's capitals (大写金额), as on cheques and contracts: `壹万贰仟叁佰肆拾伍元陆角柒分`.

    Follows the writing rules of 支付结算办法 annex 1: 整 after 元 (and after 角 without 分), one 零 for a run of zeros.
    Raises ValueError from 10^16 yuan up.
    """
    if minor < 0:
        return "负" + capital_amount(-minor)
    yuan, rest = divmod(minor, MINOR_PER_MAJOR)
    jiao, fen = divmod(rest, 10)
    if yuan >= 10**16:
        raise ValueError("amounts from 10^16 yuan up have no agreed capitals")
    text = _capital_integer(yuan) + "元" if yuan else ""
    if not jiao and not fen:
        return (text or "零元") + "整"
    if jiao:
        if yuan and yuan % 10 == 0:
            text += "零"
        text += _DIGITS[jiao] + "角"
    elif yuan:
        text += "零"
    return text + (_DIGITS[fen] + "分" if fen else "整")


def _capital_integer(value: int) -> str:
    groups: list[int] = []
    while value:
        value, group = divmod(value, 10**4)
        groups.append(group)
    text = ""
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        gap = index + 1 < len(groups) and (group < 1000 or groups[index + 1] % 10 == 0)
        if group:
            if text and gap and not text.endswith("零"):
                text += "零"
            text += _capital_group(group) + (_GROUPS[index] if index < 3 else "万")
        elif index == 2 and text.endswith("万"):
            text += "亿"
    return text


def _capital_group(group: int) -> str:
    text = ""
    for position in range(3, -1, -1):
        digit = group // 10**position % 10
        if digit:
            text += _DIGITS[digit] + _UNITS[position]
        elif text and not text.endswith("零") and group % 10**position:
            text += "零"
    return text
