"""How alike two incidents are, and why: a sum of named reasons. Pure."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# One reason alone is chance, but for the same lines in the log.
SHOWN = 0.4
SAME_LINES = 0.45
SAME_CATEGORY = 0.25
# Somebody who was there said what it was.
SAME_CATEGORY_BY_PERSON = 0.35
SAME_TARGET = 0.25
SAME_NAME_ELSEWHERE = 0.15
SAME_ALERT = 0.2

MOST_TEMPLATES = 30
# These say that nothing was found; two of them have nothing in common.
_NO_CATEGORY = frozenset({"unknown", ""})
_TROUBLE = frozenset({"fatal", "error", "warning"})
_SHORTEST_TEMPLATE = 12


@dataclass(frozen=True)
class Look:
    """What an incident looks like. `templates`: fingerprint → the kind of line."""

    target: str
    namespace: str | None
    category: str | None
    alert: str | None
    by_person: bool = False
    templates: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Likeness:
    """From 0 to 1, and why, the weightiest reason first."""

    score: float
    reasons: list[str]


def fingerprint(template: str) -> str:
    """Equal for lines that differ only in numbers, ids and quoted words."""
    return hashlib.sha256(" ".join(template.lower().split()).encode("utf-8", "replace")).hexdigest()[:32]


def telling(found: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Of the templates a log was read with, those that tell trouble, by fingerprint; the rarest first."""
    bad = [t for t in found if t.get("level") in _TROUBLE and len(str(t.get("template", ""))) >= _SHORTEST_TEMPLATE]
    bad.sort(key=lambda t: int(t.get("count", 1)))
    return {fingerprint(str(t["template"])): str(t["template"])[:200] for t in bad[:MOST_TEMPLATES]}


def likeness(now: Look, then: Look) -> Likeness:
    """Lines weigh most, then the category (more when a person gave it), the target, the alert."""
    found: list[tuple[float, str]] = []
    shared = [fingerprint for fingerprint in now.templates if fingerprint in then.templates]
    if shared:
        # Of the smaller side: a short log that is wholly inside a long one is the same story.
        part = len(shared) / min(len(now.templates), len(then.templates))
        found.append((SAME_LINES * max(part, 0.5), _lines(shared, now.templates)))
    if now.category and now.category == then.category and now.category not in _NO_CATEGORY:
        weight = SAME_CATEGORY_BY_PERSON if then.by_person else SAME_CATEGORY
        who = ", as a person said" if then.by_person else ""
        found.append((weight, f"the same category: {now.category.replace('_', ' ')}{who}"))
    if now.target == then.target:
        same_place = now.namespace == then.namespace or not now.namespace or not then.namespace
        found.append(
            (SAME_TARGET, f"the same target: {then.target}")
            if same_place
            else (SAME_NAME_ELSEWHERE, f"the same name, {then.target}, in {then.namespace}")
        )
    if now.alert and now.alert == then.alert:
        found.append((SAME_ALERT, f"the same alert: {now.alert}"))
    found.sort(key=lambda reason: -reason[0])
    return Likeness(round(min(1.0, sum(weight for weight, _ in found)), 2), [reason for _, reason in found])


def _lines(shared: Collection[str], templates: Mapping[str, str]) -> str:
    first = templates[next(iter(shared))]
    shown = first if len(first) <= 100 else first[:99] + "…"
    return (
        f"the same kind of log line: {shown}" if len(shared) == 1 else f"{len(shared)} same kinds of log line: {shown}"
    )


def order(score: float, by_person: bool, at: datetime) -> tuple[float, bool, float]:
    """What is shown first: likeness, then what a person vouched for, then what is fresh."""
    return (-score, not by_person, -at.timestamp())
