"""What belongs on an incident, and elsewhere, when it has been investigated."""

from typing import Any

import pytest

from backend.investigation import rules
from backend.investigation.kinds import Citation, Evidence, Hypothesis, Report, Usage

THERE = [Evidence(source="docker", kind="state", title="", query="", inventory=["shop-web-1", "shop-redis-1"])]
CITED = [Citation(evidence="E1", quote="connection refused", note="")]


def report(statement: str, **changes: Any) -> Report:
    stated: dict[str, Any] = {
        "category": "dependency_failure",
        "confidence": "likely",
        "verdict": "incident",
        **changes,
    }
    hypothesis = Hypothesis(
        category=stated["category"],
        statement=statement,
        confidence=stated["confidence"],
        analyst="rules",
        supporting=CITED,
    )
    return Report.model_construct(
        verdict=stated["verdict"],
        confidence=stated["confidence"],
        hypotheses=[hypothesis],
        proposal=None,
        usage=Usage(),
    )


@pytest.mark.parametrize(
    ("statement", "changes", "needed"),
    [
        ("shop cannot reach db:5432: connection refused.", {}, "db"),
        ("shop cannot reach cache.internal.example: timed out.", {}, "cache.internal.example"),
        ("shop cannot reach something it depends on: refused.", {}, None),
        ("shop cannot reach localhost:6379: refused.", {}, None),
        ("shop cannot reach 10.0.0.7:5432: refused.", {}, None),
        ("shop cannot reach redis: it does not run.", {}, "redis"),
        ("shop cannot reach ion: canceling statement due to conflict.", {}, None),
        ("shop cannot reach timeout: refused.", {}, None),
        ("shop cannot reach errno:111: refused.", {}, None),
        ("shop cannot reach read-only: refused.", {}, None),
        ("shop cannot reach pool.HTTPConnection: refused.", {}, None),
        ("shop cannot reach db:5432: refused.", {"confidence": "possible"}, None),
        ("shop cannot reach db:5432: refused.", {"category": "network_error"}, None),
        ("shop cannot reach db:5432: refused.", {"verdict": "inconclusive"}, None),
    ],
)
def test_the_dependency_that_was_seen(statement: str, changes: dict[str, Any], needed: str | None):
    assert rules.seen_dependency(report(statement, **changes), THERE) == needed


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"confidence": "likely"}, "No safe action is known"),
        ({"confidence": "possible"}, "a mere possibility"),
        ({"verdict": "inconclusive", "confidence": "possible"}, "could not be established"),
    ],
)
def test_why_a_person_is_needed(changes: dict[str, Any], why: str):
    assert why in (rules.needs_person(report("web is slow.", **changes)) or "")


def test_nobody_is_needed_where_nothing_is_wrong():
    assert rules.needs_person(report("web is well.", verdict="not_an_incident")) is None
