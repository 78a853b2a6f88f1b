"""How well scores separate and how steady they are: the field's usual measures, in numpy, with seeded bootstrap intervals.

Labels: 1 is bad, 0 is good. Scores: higher means safer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rongtong.credit.contracts import Interval, Validation

Floats = np.ndarray[Any, np.dtype[np.float64]]


def auc(scores: Sequence[float] | Floats, labels: Sequence[int] | Floats) -> float:
    """P(score of a good > score of a bad), ties counting half (Mann and Whitney 1947). NaN where a class is empty."""
    values, bad = _pair(scores, labels)
    good_scores, bad_scores = values[~bad], np.sort(values[bad])
    if not good_scores.size or not bad_scores.size:
        return float("nan")
    below = np.searchsorted(bad_scores, good_scores, side="left")
    up_to = np.searchsorted(bad_scores, good_scores, side="right")
    return float((below + up_to).sum() / 2 / (good_scores.size * bad_scores.size))


def ks(scores: Sequence[float] | Floats, labels: Sequence[int] | Floats) -> float:
    """max |F_bad - F_good| over all cut-offs (Kolmogorov and Smirnov)."""
    values, bad = _pair(scores, labels)
    cuts = np.unique(values)
    share_bad = np.searchsorted(np.sort(values[bad]), cuts, side="right") / max(int(bad.sum()), 1)
    share_good = np.searchsorted(np.sort(values[~bad]), cuts, side="right") / max(int((~bad).sum()), 1)
    return float(np.abs(share_bad - share_good).max())


def brier(probabilities: Sequence[float] | Floats, labels: Sequence[int] | Floats) -> float:
    """The mean squared error of probabilities of default (Brier 1950)."""
    values, bad = _pair(probabilities, labels)
    return float(((values - bad) ** 2).mean())


def weight_of_evidence(good: Sequence[int], bad: Sequence[int]) -> tuple[Floats, Floats]:
    """WOE = ln((good/all good)/(bad/all bad)) by bin, and each bin's part of the information value.

    A bin without a good or a bad gets half a case of each.
    """
    goods, bads = np.asarray(good, float), np.asarray(bad, float)
    empty = (goods == 0) | (bads == 0)
    goods, bads = goods + 0.5 * empty, bads + 0.5 * empty
    share_good, share_bad = goods / goods.sum(), bads / bads.sum()
    woe = np.log(share_good / share_bad)
    return woe, (share_good - share_bad) * woe


def stability_index(expected: Sequence[float], actual: Sequence[float]) -> float:
    """PSI = Σ (actual - expected) ln(actual / expected) over the shares of bins: below 0.1 stable, over 0.25 shifted."""
    before, after = np.asarray(expected, float), np.asarray(actual, float)
    before, after = before / before.sum(), after / after.sum()
    floor = 1e-6
    before, after = np.maximum(before, floor), np.maximum(after, floor)
    return float(((after - before) * np.log(after / before)).sum())


def bootstrap_auc(
    scores: Sequence[float] | Floats, labels: Sequence[int] | Floats, *, rounds: int, seed: int
) -> Interval:
    """The AUC and its 95 % percentile interval over resampled firms; samples with one class only are drawn again."""
    values, bad = _pair(scores, labels)
    generator = np.random.default_rng(seed)
    drawn: list[float] = []
    while len(drawn) < rounds and 0 < bad.sum() < bad.size:
        rows = generator.integers(0, values.size, values.size)
        figure = auc(values[rows], bad[rows])
        if not np.isnan(figure):
            drawn.append(figure)
    whole = auc(values, bad)
    low, high = np.percentile(drawn, [2.5, 97.5]) if drawn else (float("nan"), float("nan"))
    return Interval(whole, float(low), float(high))


def validate(
    *,
    scores: Sequence[float],
    labels: Sequence[int],
    features: Mapping[str, Sequence[float | None]] | None = None,
    rounds: int = 2000,
    seed: int = 20260101,
) -> Validation:
    """The measures of a score beside two baselines: calling every firm good, and the best single feature, either way round.

    The best feature is chosen on these same rows, so its figure flatters it. Missing values take the feature's median.
    """
    _values, bad = _pair(scores, labels)
    estimate = bootstrap_auc(scores, labels, rounds=rounds, seed=seed)
    name, single = _best_single(features or {}, bad, rounds=rounds, seed=seed)
    return Validation(
        auc=estimate.value,
        auc_low=estimate.low,
        auc_high=estimate.high,
        ks=ks(scores, labels),
        n=int(bad.size),
        bad=int(bad.sum()),
        majority_accuracy=float(max(bad.mean(), 1 - bad.mean())),
        best_single=name,
        best_single_auc=single.value if single else None,
        best_single_low=single.low if single else None,
        best_single_high=single.high if single else None,
        bootstrap=rounds,
        seed=seed,
    )


def _best_single(
    features: Mapping[str, Sequence[float | None]], bad: Floats, *, rounds: int, seed: int
) -> tuple[str, Interval | None]:
    best_name, best_column, best = "", None, 0.5
    for name, raw in features.items():
        column = np.array([np.nan if value is None else value for value in raw], float)
        if np.isnan(column).all():
            continue
        column = np.where(np.isnan(column), np.nanmedian(column), column)
        figure = auc(column, bad)
        if max(figure, 1 - figure) > best:
            best = max(figure, 1 - figure)
            best_name, best_column = name, column if figure >= 0.5 else -column
    if best_column is None:
        return "", None
    return best_name, bootstrap_auc(best_column, bad, rounds=rounds, seed=seed)


def _pair(scores: Any, labels: Any) -> tuple[Floats, Any]:
    values, bad = np.asarray(scores, float), np.asarray(labels).astype(bool)
    if values.shape != bad.shape or values.ndim != 1:
        raise ValueError(f"scores and labels differ in shape: {values.shape}, {bad.shape}")
    return values, bad
