"""The name of a person as it is written under an authorisation."""

from __future__ import annotations

import unicodedata

NAME_MAX = 50
_NAME_MIN = 2
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅．", "·"))
_JOINERS = frozenset("·-' ")
_TITLES = frozenset({"法定代表人", "法人", "法人代表", "代理人", "经办人", "负责人", "企业主", "老板", "本人"})


def person_name(text: str) -> str | None:
    """The name in its normal form, or None where it is no name of a person: 2 to 50 letters, joined by `·`, `-`, `'` or spaces."""
    normal = " ".join(unicodedata.normalize("NFKC", text.translate(_DOTS)).translate(_DOTS).split())
    letters = [letter for letter in normal if letter not in _JOINERS]
    if not len(letters) >= _NAME_MIN or len(normal) > NAME_MAX or normal in _TITLES:
        return None
    if not all(unicodedata.category(letter) in {"Lo", "Lu", "Ll", "Lt"} for letter in letters):
        return None
    return normal if normal[0] not in _JOINERS and normal[-1] not in _JOINERS else None


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same but for spaces, dots and the case of letters."""
    return _bare(one) == _bare(other) != ""


def masked(name: str) -> str:
    """A name of which the first and the last letter are told: 周*琴, 王*."""
    if len(name) <= 2:
        return name[:1] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def _bare(name: str) -> str:
    normal = unicodedata.normalize("NFKC", name.translate(_DOTS)).translate(_DOTS).casefold()
    return "".join(letter for letter in normal if letter not in _JOINERS)
