"""How names are cleaned before they are kept."""

from __future__ import annotations

import unicodedata

NAME_MAX = 200


def clean_name(text: str) -> str:
    """One line of at most 200 characters, without control and invisible characters; nothing else is changed.

    Whatever looks like markup or SQL stays as it was registered: it is escaped where it is shown.
    """
    seen = "".join(" " if letter.isspace() else letter for letter in text)
    kept = "".join(letter for letter in seen if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return " ".join(kept.split())[:NAME_MAX]
