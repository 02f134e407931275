"""Fits linear models for `Linear`. Needs scikit-learn (part of the `dev` extra); what it makes does not."""

from collections.abc import Callable, Sequence
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer  # pyright: ignore[reportMissingTypeStubs]
from sklearn.linear_model import LogisticRegression  # pyright: ignore[reportMissingTypeStubs]
from threadpoolctl import threadpool_limits

_SCALE = 100
# Smaller weights than this change no answer, and are most of them.
_LEAST = 0.2
_ROUNDS = 400
Weights = dict[str, float]


def fitted(
    rows: Sequence[Sequence[str]],
    labels: Sequence[str],
    strength: float,
    rarest: int,
    adjusted: Callable[[str, Weights], Weights] = lambda _, weights: weights,
) -> dict[str, Any]:
    """A model as it is stored, of the traits in `rows`: whole numbers, hundredths, without what adds next to nothing.

    `strength`: how closely it follows them. `rarest`: in how many rows a trait must be. `adjusted`: the last word on
    what a trait adds to each category.
    """
    analyzer: Any = _as_it_is
    vectors: Any = TfidfVectorizer(analyzer=analyzer, binary=True, min_df=rarest)
    fit: Any = LogisticRegression(C=strength, max_iter=_ROUNDS, class_weight="balanced")
    # On a busy machine threads wait for each other longer than they compute.
    with threadpool_limits(limits=1):
        fit.fit(vectors.fit_transform(rows), labels)
    categories = [str(category) for category in fit.classes_]
    coefficients, intercepts = _of_each(fit.coef_.tolist()), _of_each([[b] for b in fit.intercept_.tolist()])
    found: dict[str, list[int]] = {}
    for place, trait in enumerate(vectors.get_feature_names_out()):
        weights = {category: row[place] for category, row in zip(categories, coefficients, strict=True)}
        adds = [(c, w) for c, w in enumerate(adjusted(str(trait), weights).values()) if abs(w) >= _LEAST]
        if adds:
            rarity = round(float(vectors.idf_[place]) * _SCALE)
            found[str(trait)] = [rarity, *(n for c, w in adds for n in (c, round(w * _SCALE)))]
    bias = [round(float(row[0]) * _SCALE) for row in intercepts]
    return {"categories": categories, "scale": _SCALE, "bias": bias, "features": found}


def _of_each(rows: list[list[float]]) -> list[list[float]]:
    """Of two categories only what speaks for the second is fitted."""
    return rows if len(rows) > 1 else [[-value for value in rows[0]], rows[0]]


def _as_it_is(row: Sequence[str]) -> Sequence[str]:
    return row
