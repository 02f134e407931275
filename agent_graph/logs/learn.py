"""Learns what log lines mean from the lines in `known/`: `python -m agent_graph.logs.learn` writes the model anew.

Each line of a file there is `category<TAB>product<TAB>line`. Needs scikit-learn (part of the `dev` extra); what it
writes does not.
"""

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
from sklearn.feature_extraction.text import TfidfVectorizer  # pyright: ignore[reportMissingTypeStubs]
from sklearn.linear_model import LogisticRegression  # pyright: ignore[reportMissingTypeStubs]
from threadpoolctl import threadpool_limits

from agent_graph.logs.meaning import BENIGN, MODEL, features

_HERE = Path(str(files("agent_graph.logs")))
_SCALE = 100
# Smaller weights than this change no answer, and are most of them.
_LEAST = 0.2
_FIT, _ROUNDS = 20.0, 400
# Added to the belief that a line is harmless, as most lines of a log are: far more than of the known ones.
_CAUTION = 1.5


@dataclass(frozen=True)
class Known:
    """A line with its meaning. `product`: what writes it."""

    category: str
    product: str
    line: str


def known_lines() -> list[Known]:
    """All of them, in a fixed order."""
    rows = [row.split("\t") for path in sorted((_HERE / "known").glob("*.tsv")) for row in _rows(path)]
    return [Known(*row) for row in rows]


def _rows(path: Path) -> Sequence[str]:
    return [row for row in path.read_text(encoding="utf-8").split("\n") if row]


def fingerprint() -> str:
    """Of the known lines: a model made from others is out of date."""
    known = "\n".join(f"{k.category}\t{k.product}\t{k.line}" for k in known_lines())
    return hashlib.sha256(known.encode()).hexdigest()


def learn(known: Sequence[Known]) -> dict[str, Any]:
    """A model as it is stored: whole numbers, hundredths, without what adds next to nothing."""
    analyzer: Any = _listed
    vectors: Any = TfidfVectorizer(analyzer=analyzer, binary=True, min_df=2)
    fit: Any = LogisticRegression(C=_FIT, max_iter=_ROUNDS, class_weight="balanced")
    # On a busy machine threads wait for each other longer than they compute.
    with threadpool_limits(limits=1):
        fit.fit(vectors.fit_transform([k.line for k in known]), [k.category for k in known])
    found: dict[str, list[int]] = {}
    for place, feature in enumerate(vectors.get_feature_names_out()):
        adds = [(c, w) for c, w in enumerate(fit.coef_[:, place].tolist()) if abs(w) >= _LEAST]
        if adds:
            rarity = round(float(vectors.idf_[place]) * _SCALE)
            found[str(feature)] = [rarity, *(n for c, w in adds for n in (c, round(w * _SCALE)))]
    categories = [str(category) for category in fit.classes_]
    bias = {c: float(b) + (_CAUTION if c == BENIGN else 0) for c, b in zip(categories, fit.intercept_, strict=True)}
    return {
        "known": fingerprint(),
        "categories": categories,
        "scale": _SCALE,
        "bias": [round(value * _SCALE) for value in bias.values()],
        "features": found,
    }


def _listed(line: str) -> list[str]:
    return list(features(line))


def main() -> int:
    stored = learn(known_lines())
    (_HERE / MODEL).write_bytes(orjson.dumps(stored) + b"\n")
    print(f"{MODEL}: {len(stored['features']):,} features of {len(known_lines()):,} known lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
