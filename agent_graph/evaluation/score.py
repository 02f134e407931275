"""What a report is worth against what was expected, and what many of them are worth together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent_graph.evaluation.scenario import Expected
from backend.investigation.kinds import Report

_Z = 1.959964


@dataclass(frozen=True)
class Scored:
    """One scenario's result. `why`: what was wrong; empty when it passed."""

    name: str
    expected: Expected | None
    report: Report | None
    why: list[str]
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.why

    @property
    def healthy(self) -> bool:
        return self.expected is not None and self.expected.verdict == "not_an_incident"

    @property
    def false_alarm(self) -> bool:
        return self.healthy and self.report is not None and self.report.verdict == "incident"

    @property
    def doubtful(self) -> bool:
        return self.expected is not None and bool(self.expected.doubtful)

    def document(self) -> dict[str, Any]:
        """Its row of --json."""
        report = self.report
        proposal = report.proposal if report else None
        return {
            "name": self.name,
            "verdict": report.verdict if report else None,
            "category": report.category if report else None,
            "root_cause": report.root_cause if report else None,
            "confidence": report.confidence if report else None,
            "cited": _cited(report) if report else [],
            "action": {"kind": proposal.kind, "params": proposal.params} if proposal else None,
            "passed": self.passed,
            "doubtful": self.doubtful,
            "why": self.why,
            "seconds": round(self.seconds, 3),
            "tokens": report.usage.tokens_in + report.usage.tokens_out if report else 0,
            "cost_usd": report.usage.cost_usd if report else 0.0,
        }


def why_not(expected: Expected, report: Report) -> list[str]:
    """Every way in which the report is not what was expected."""
    why: list[str] = []
    if report.verdict != expected.verdict:
        why.append(f"verdict {report.verdict}, expected {expected.verdict}")
    wanted = [*expected.any_of, *([expected.category] if expected.category else [])]
    if wanted and expected.verdict == "incident" and report.category not in wanted:
        why.append(f"category {report.category}, expected {' or '.join(wanted)}")
    if report.verdict == "incident" and report.category in expected.forbidden:
        why.append(f"category {report.category} is forbidden")
    said = " ".join([report.root_cause, *_cited(report)]).lower()
    missing = [group for group in expected.required if not any(str(word).lower() in said for word in group)]
    why += [f"says nothing of {' / '.join(map(str, group))}" for group in missing]
    kind = report.proposal.kind if report.proposal else "none"
    if kind in expected.forbidden_actions:
        why.append(f"action {kind} is forbidden")
    elif expected.acceptable_actions and kind not in expected.acceptable_actions:
        why.append(f"action {kind}, acceptable: {', '.join(expected.acceptable_actions)}")
    return why


def _cited(report: Report) -> list[str]:
    """What the leading hypothesis rests on."""
    return [citation.quote for hypothesis in report.hypotheses[:1] for citation in hypothesis.supporting]


def wilson(passed: int, n: int) -> list[float]:
    """95 % score interval. Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953"""
    if n == 0:
        return [0.0, 1.0]
    share, square = passed / n, _Z**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


@dataclass(frozen=True)
class Outcome:
    """A whole evaluation. Doubtful scenarios are shown, and counted apart."""

    analyst: str
    scored: list[Scored]
    seconds: float

    def document(self) -> dict[str, Any]:
        """--json."""
        certain = [s for s in self.scored if not s.doubtful]
        healthy, incidents = [s for s in certain if s.healthy], [s for s in certain if not s.healthy]
        doubtful = [s for s in self.scored if s.doubtful]
        rows = [s.document() for s in self.scored]
        return {
            "scenarios": rows,
            "incidents": _summary(incidents),
            "healthy": {**_summary(healthy), "false_alarms": sum(s.false_alarm for s in healthy)},
            "doubtful": {"n": len(doubtful), "passed": sum(s.passed for s in doubtful)},
            "categories": _by_category(incidents),
            "analyst": self.analyst,
            "tokens": sum(row["tokens"] for row in rows),
            "cost_usd": round(sum(row["cost_usd"] for row in rows), 6),
            "seconds": round(self.seconds, 3),
        }


def _summary(scored: Sequence[Scored]) -> dict[str, Any]:
    n, passed = len(scored), sum(s.passed for s in scored)
    return {"n": n, "passed": passed, "rate": round(passed / n, 4) if n else 0.0, "wilson": wilson(passed, n)}


def _by_category(scored: Sequence[Scored]) -> dict[str, Any]:
    groups: dict[str, list[Scored]] = {}
    for one in scored:
        wanted = one.expected
        name = (wanted.category or (wanted.any_of or [wanted.verdict])[0]) if wanted else "broken"
        groups.setdefault(name, []).append(one)
    return {name: {"n": len(group), "passed": sum(s.passed for s in group)} for name, group in sorted(groups.items())}
