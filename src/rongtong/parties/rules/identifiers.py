"""How identifiers check. Results are three-valued: a legal code may fail its check, so a check is no verdict."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from rongtong.parties.contracts import CheckResult, IdentifierScheme

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(rf"[{USCC_ALPHABET}]{{2}}[0-9]{{6}}[{USCC_ALPHABET}]{{10}}")
_ORG_CODE = re.compile(r"[0-9A-Z]{8}[0-9X]")
_RESIDENT_ID = re.compile(r"[0-9]{17}[0-9X]")
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_NOISE = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "Z": "2", "S": "5", "V": "U"})

Checked = tuple[CheckResult, str]


def normalise(text: str) -> str:
    """NFKC, upper case, without spaces and hyphens; letters are never swapped for digits."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()


def check_uscc(text: str) -> Checked:
    """Check a unified social credit code (GB 32100-2015) and give its normal form.

    Some early pilot codes (`91350203M0001FUE2P`) are legal and CHECK_MISMATCH: registry evidence overrides the check.
    """
    code = normalise(text)
    if not _USCC.fullmatch(code):
        return CheckResult.FORMAT_ERROR, code
    return _result(code[17] == uscc_check_character(code[:17])), code


def uscc_check_character(body: str) -> str:
    """The 18th character for the first 17: weights 3^(i-1) mod 31 over the alphabet without I O S V Z."""
    total = sum(USCC_ALPHABET.index(letter) * pow(3, index, 31) for index, letter in enumerate(body))
    return USCC_ALPHABET[-total % 31]


def suggest_uscc(text: str) -> str | None:
    """What was probably meant where letters that the code does not use were typed for digits; only if that checks."""
    meant = normalise(text).translate(_LOOKALIKES)
    return meant if meant != normalise(text) and check_uscc(meant)[0] is CheckResult.VALID else None


def check_org_code(text: str) -> Checked:
    """Check an organisation code (GB 11714-1997): eight characters and a check of weights 3 7 9 10 5 8 4 2."""
    code = normalise(text)
    if not _ORG_CODE.fullmatch(code):
        return CheckResult.FORMAT_ERROR, code
    total = sum(int(letter, 36) * weight for letter, weight in zip(code, (3, 7, 9, 10, 5, 8, 4, 2), strict=False))
    return _result(code[8] == "0123456789X0"[11 - total % 11]), code


def check_resident_id(text: str) -> Checked:
    """Check a resident identity number (GB 11643-1999): a birth date that exists and ISO 7064 MOD 11-2.

    The region is not looked up: abolished codes stay valid for those who bear them.
    """
    code = normalise(text)
    if not _RESIDENT_ID.fullmatch(code):
        return CheckResult.FORMAT_ERROR, code
    try:
        date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return CheckResult.FORMAT_ERROR, code
    total = sum(int(digit) * pow(2, 17 - index, 11) for index, digit in enumerate(code[:17]))
    return _result(code[17] == "10X98765432"[total % 11]), code


def check_bank_account(text: str, *, corporate: bool) -> Checked:
    """Check a bank card (13 to 19 digits, Luhn, ISO/IEC 7812); a corporate account has no common check (UNCHECKED)."""
    code = normalise(text)
    if not code.isascii() or not code.isdigit():
        return CheckResult.FORMAT_ERROR, code
    if corporate:
        return (CheckResult.UNCHECKED if 6 <= len(code) <= 32 else CheckResult.FORMAT_ERROR), code
    if not 13 <= len(code) <= 19:
        return CheckResult.FORMAT_ERROR, code
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(code)))
    return _result(sum(value // 10 + value % 10 for value in doubled) % 10 == 0), code


def check_lei(text: str) -> Checked:
    """Check a legal entity identifier (ISO 17442): letters as 10 to 35, the whole modulo 97 is 1."""
    code = normalise(text)
    if not _LEI.fullmatch(code):
        return CheckResult.FORMAT_ERROR, code
    return _result(int("".join(str(int(letter, 36)) for letter in code)) % 97 == 1), code


def check_identifier(scheme: str, value: str) -> Checked:
    """Check a value under a scheme; a scheme without a check keeps the value as it is, trimmed, UNCHECKED."""
    match scheme:
        case IdentifierScheme.USCC:
            return check_uscc(value)
        case IdentifierScheme.ORG_CODE:
            return check_org_code(value)
        case IdentifierScheme.LEI:
            return check_lei(value)
    kept = value.strip()
    return (CheckResult.UNCHECKED if 0 < len(kept) <= 80 and kept.isprintable() else CheckResult.FORMAT_ERROR), kept


def _result(checks: bool) -> CheckResult:
    return CheckResult.VALID if checks else CheckResult.CHECK_MISMATCH
