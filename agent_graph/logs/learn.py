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

from agent_graph.fit import fitted
from agent_graph.logs.meaning import BENIGN, MODEL, features

_HERE = Path(str(files("agent_graph.logs")))
_FIT = 20.0
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
    stored = fitted([list(features(k.line)) for k in known], [k.category for k in known], _FIT, rarest=2)
    harmless = stored["categories"].index(BENIGN)
    stored["bias"][harmless] += round(_CAUTION * stored["scale"])
    return {"known": fingerprint(), **stored}


def main() -> int:
    stored = learn(known_lines())
    (_HERE / MODEL).write_bytes(orjson.dumps(stored) + b"\n")
    print(f"{MODEL}: {len(stored['features']):,} features of {len(known_lines()):,} known lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
