"""Failures of what nobody waits for are no alarm, as long as they are all that fails."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.nobody_waits import nobody_waits
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, NOW, alert, case

GOOD = Sign("E3", "kubernetes", "healthy", "strong", "pod web-0: phase Running", "web", None, "is ready")
FAILED = 'requests_failed{{queue="mails", kind="{}"}}'


def _metric(role: str, kind: str, last: float) -> Metric:
    points = [(NOW.timestamp() - 60 * (30 - n), 0.0 if n < 15 else last * (n - 14) / 15) for n in range(30)]
    return Metric("E5", role, f"{FAILED.format(kind)}: 0 → {last:g}", points, None, BEGAN)


def _facts(kind: str = "shadow", users: float = 0.0, said: int = 40, other: str = "live") -> Facts:
    failed, fellow = _metric("errors", kind, 40), _metric("few_errors", other, users)
    bad = Sign("E5", "prometheus", "trouble", "strong", failed.line, "web", BEGAN, "too many")
    at = NOW - timedelta(minutes=1)
    lines = [LogLine("E2", f"ERROR no such key {n}", f"no such key {n}", "error", at, said) for n in range(4)]
    return replace(Facts(case(alerts=[alert()])), metrics=[failed, fellow], signs=[GOOD, bad], lines=lines)


@pytest.mark.parametrize("kind", ["shadow", "backfill", "dry_run", "replay", "mirrored"])
def test_who_fails_only_in_what_nobody_waits_for_is_well(kind: str):
    found = nobody_waits(_facts(kind), ["app_crash"])
    assert found is not None
    assert 'kind="live"' in found.statement


@pytest.mark.parametrize(
    ("facts", "likely"),
    [
        # Users see a canary, and of theirs some fail, too.
        (_facts("canary"), []),
        (_facts(users=3), []),
        # More is complained of than is counted there.
        (_facts(said=400), []),
        # Nobody knows of the others' work.
        (_facts(other="replay"), []),
        (replace(_facts(), metrics=_facts().metrics[:1]), []),
        (replace(_facts(), signs=_facts().signs[1:]), []),
        (_facts(), ["oom"]),
    ],
)
def test_who_may_fail_in_more_than_that_is_not(facts: Facts, likely: list[Category]):
    assert nobody_waits(facts, likely) is None


def test_another_complaint_or_another_trouble_is_heard():
    facts = _facts()
    at = NOW - timedelta(minutes=1)
    lost = [LogLine("E2", f"ERROR order lost {n}", f"order lost {n}", "error", at, 9) for n in range(9)]
    down = Sign("E9", "kubernetes", "trouble", "strong", "pod web-1 is not ready", "web-1", BEGAN, "not ready")
    assert nobody_waits(replace(facts, lines=[*facts.lines, *lost]), []) is None
    assert nobody_waits(replace(facts, signs=[*facts.signs, down]), []) is None
