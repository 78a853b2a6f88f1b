"""Unified social credit codes (GB 32100-2015) with correct check characters, for many parties at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_LETTERS = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
_VALUE = np.zeros(128, dtype=np.int64)
_VALUE[_LETTERS] = np.arange(31)
_VALUE36 = np.zeros(128, dtype=np.int64)
_VALUE36[np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype=np.uint8)] = np.arange(36)
_STRIDE, _MODULUS = 7_368_787, 89_999_999


def unified_codes(*, region_codes: NDArray[np.str_], modern: NDArray[np.bool_], offset: int) -> NDArray[np.str_]:
    """One distinct valid code per party: `91`, the region, an organisation code (GB 11714, `MA…` where modern), the check.

    Distinct for up to 89,999,999 parties: the organisation number walks a cycle coprime to its length.
    """
    count = len(region_codes)
    numbers = (offset + np.arange(count, dtype=np.int64) * _STRIDE) % _MODULUS
    characters = np.empty((count, 18), dtype=np.uint8)
    characters[:, 0], characters[:, 1] = ord("9"), ord("1")
    characters[:, 2:8] = np.frombuffer(region_codes.astype("S6").tobytes(), dtype=np.uint8).reshape(count, 6)
    organisation = _decimal(numbers + 10_000_000)
    organisation[modern, 0], organisation[modern, 1] = ord("M"), ord("A")
    organisation[modern, 2:] = _base31(numbers[modern])
    characters[:, 8:16] = organisation
    rest = 11 - (_VALUE36[organisation] @ _ORGANISATION_WEIGHTS) % 11
    characters[:, 16] = np.where(rest == 10, ord("X"), np.where(rest == 11, ord("0"), ord("0") + rest % 10))
    total = _VALUE[characters[:, :17]] @ _WEIGHTS
    characters[:, 17] = _LETTERS[(31 - total % 31) % 31]
    return np.frombuffer(characters.tobytes(), dtype="S18").astype("U18")


def check_character(code: str) -> str:
    """The eighteenth character that the first seventeen ask for."""
    total = sum(ALPHABET.index(letter) * int(weight) for letter, weight in zip(code[:17], _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def _decimal(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    places = 10 ** np.arange(7, -1, -1, dtype=np.int64)
    return (numbers[:, None] // places % 10 + ord("0")).astype(np.uint8)


def _base31(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    places = 31 ** np.arange(5, -1, -1, dtype=np.int64)
    return np.asarray(_LETTERS[numbers[:, None] // places % 31])
