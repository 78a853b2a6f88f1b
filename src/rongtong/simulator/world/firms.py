"""Who is in the region, and whom its firms trade with outside: names, codes, sizes, people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rongtong.simulator.reference import places, words
from rongtong.simulator.reference.industries import INDUSTRIES
from rongtong.simulator.world import uscc
from rongtong.simulator.world.calendar import Days, day_number

Texts = NDArray[np.str_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Parties:
    """All parties, the region's firms first; one array element each."""

    inside: int
    name: Texts
    uscc: Texts
    region_code: Texts
    city: Texts
    address: Texts
    legal_rep: Texts
    second_holder: Texts
    industry: Ints
    """Index into INDUSTRIES."""
    established: Days
    quality: Floats
    """The lasting part of a firm's health, about standard normal; zero outside."""
    revenue: Floats
    """Yuan a year at the first month, before growth and cycle."""
    growth: Floats
    """Log growth a year."""
    staff: Ints
    small_scale: Flags
    registered_capital: Ints
    """Fen."""
    paid_in_share: Floats
    holder_share: Floats
    """Per cent held by the legal representative."""
    account: Texts
    meter: Texts
    phone: Texts

    @property
    def count(self) -> int:
        return len(self.name)


def make_parties(rng: np.random.Generator, *, inside: int, start: date, end: date) -> Parties:
    """The region's firms and about three outside partners for each, at least forty."""
    outside = max(40, 3 * inside)
    count = inside + outside
    is_inside = np.arange(count) < inside
    place = np.where(
        is_inside, _pick(rng, count, places.REGION), _pick(rng, count, places.OUTSIDE) + len(places.REGION)
    )
    all_places = (*places.REGION, *places.OUTSIDE)
    region_code = np.array([one[3] for one in all_places])[place]
    city_token = np.array([one[0] for one in all_places])[place]
    weights = np.array([one.weight for one in INDUSTRIES])
    industry = rng.choice(len(INDUSTRIES), count, p=weights / weights.sum())
    quality = np.where(is_inside, rng.standard_normal(count), 0.0)
    established = _established(rng, count, is_inside, start, end)
    revenue = np.clip(np.exp(rng.normal(np.log(1.15e7), 1.05, count) + 0.15 * quality), 4e5, 4e8)
    revenue = np.where(is_inside, revenue, revenue * 6)
    per_head = np.array([one.revenue_per_head for one in INDUSTRIES])[industry]
    staff = np.clip(revenue / per_head * rng.lognormal(0, 0.25, count), 3, 20_000).astype(np.int64)
    capital = np.round(np.clip(revenue * rng.lognormal(-1.5, 0.6, count), 1e5, 2e8) / 1e5) * 100_000
    return Parties(
        inside=inside,
        name=_names(rng, city_token, industry),
        uscc=uscc.unified_codes(
            region_codes=region_code,
            modern=established > day_number(date(2015, 10, 1)),
            offset=int(rng.integers(uscc._MODULUS)),
        ),
        region_code=region_code,
        city=np.array([one[1] for one in all_places])[place],
        address=_addresses(rng, place, all_places),
        legal_rep=people(rng, count),
        second_holder=people(rng, count),
        industry=industry,
        established=established,
        quality=quality,
        revenue=revenue,
        growth=np.where(is_inside, np.clip(rng.normal(0.04, 0.10, count) + 0.03 * quality, -0.3, 0.4), 0.0),
        staff=staff,
        small_scale=(revenue < 4.2e6) & (rng.random(count) < 0.85),
        registered_capital=(capital * 100).astype(np.int64),
        paid_in_share=np.where(rng.random(count) < 0.45, 1.0, np.round(rng.beta(2, 2, count), 1)),
        holder_share=np.round(rng.uniform(51, 99, count)),
        account=_numbered(rng, count, "33", 19),
        meter=_numbered(rng, count, "33", 13),
        phone=_numbered(rng, count, "0571-8", 12),
    )


def people(rng: np.random.Generator, count: int) -> Texts:
    """Names of people: a surname and one or two characters."""
    surname = np.array(words.SURNAMES)[(len(words.SURNAMES) * rng.random(count) ** 1.7).astype(int)]
    middle = np.where(rng.random(count) < 0.75, rng.choice(np.array(words.GIVEN_FIRST), count), "")
    return _join(surname, middle, rng.choice(np.array(words.GIVEN_SECOND), count))


def _names(rng: np.random.Generator, city: Texts, industry: Ints) -> Texts:
    """Region, brand, trade, form; made distinct by a third brand character where two fall together."""
    count = len(city)
    most = max(len(one.trades) for one in INDUSTRIES)
    trades = np.array([[one.trades[i % len(one.trades)] for i in range(most)] for one in INDUSTRIES])
    trade = trades[industry, rng.integers(most, size=count)]
    form = rng.choice(np.array(words.FORMS), count, p=words.FORM_WEIGHTS)
    brand = _join(rng.choice(np.array(words.BRAND_FIRST), count), rng.choice(np.array(words.BRAND_SECOND), count))
    names = _join(city, brand, trade, form)
    while len(twice := _repeats(names)):
        third = rng.choice(np.array(words.BRAND_THIRD), len(twice))
        brand[twice] = _join(
            rng.choice(np.array(words.BRAND_FIRST), len(twice)), rng.choice(np.array(words.BRAND_SECOND), len(twice))
        )
        names = names.astype(f"U{names.dtype.itemsize // 4 + 1}")
        names[twice] = _join(city[twice], brand[twice], third, trade[twice], form[twice])
    return names


def _repeats(names: Texts) -> NDArray[np.intp]:
    _, first = np.unique(names, return_index=True)
    again = np.ones(len(names), dtype=np.bool_)
    again[first] = False
    return np.flatnonzero(again)


def _addresses(
    rng: np.random.Generator, place: Ints, all_places: tuple[tuple[str, str, str, str, float], ...]
) -> Texts:
    where = np.array([one[1] + one[2] if one[1] != one[2] else one[1] for one in all_places])[place]
    street = rng.choice(np.array(places.STREETS), len(place))
    return _join(where, street, rng.integers(1, 1200, len(place)).astype("U4"), np.full(len(place), "号"))


def _established(rng: np.random.Generator, count: int, is_inside: Flags, start: date, end: date) -> Days:
    """Two to twenty-five years before the first day; a few are founded while we watch."""
    age = np.clip(rng.gamma(2.2, 3.6, count) + 1.0, 1.0, 28) * 365.25
    days = day_number(start) - age.astype(np.int64)
    young = is_inside & (rng.random(count) < 0.04)
    span = max(30, day_number(end) - day_number(start) - 60)
    return np.where(young, day_number(start) + (span * rng.random(count)).astype(np.int64), days).astype(np.int32)


def _numbered(rng: np.random.Generator, count: int, prefix: str, length: int) -> Texts:
    """Distinct digit strings with a prefix."""
    digits = min(length - len(prefix), 14)
    modulus = 10**digits
    stride = 7 * 10 ** (digits - 4) + 3 if digits > 4 else 3
    numbers = (int(rng.integers(modulus)) + np.arange(count, dtype=np.int64) * stride) % modulus
    filled = np.char.zfill(numbers.astype(f"U{digits}"), length - len(prefix))
    return np.char.add(prefix, filled)


def _pick(rng: np.random.Generator, count: int, options: tuple[tuple[str, str, str, str, float], ...]) -> Ints:
    weights = np.array([one[4] for one in options], dtype=float)
    return rng.choice(len(options), count, p=weights / weights.sum())


def _join(*parts: Texts) -> Texts:
    whole = parts[0]
    for part in parts[1:]:
        whole = np.char.add(whole, part)
    return whole
