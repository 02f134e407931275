"""How alike two incidents are: a table of what is the same, the sum of it, and the reasons by name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.memory.rules import SHOWN, Look, fingerprint, likeness, order, telling

OOM, REFUSED = "killed process # (python)", "could not connect to db:#"
LINES = {fingerprint(line): line for line in (OOM, REFUSED)}
NOW = Look("web", "shop", "oom", "HighMemory", templates=LINES)
NOTHING = Look("mail", "post", "dns_failure", "NoMail")

CASES: dict[str, tuple[dict[str, Any], bool, str]] = {
    "nothing": ({}, False, ""),
    "only the category": ({"category": "oom"}, False, "the same category: oom"),
    "only the category, from a person": ({"category": "oom", "by_person": True}, False, "as a person said"),
    "only the target": ({"target": "web", "namespace": "shop"}, False, "the same target: web"),
    "only the name, elsewhere": ({"target": "web"}, False, "the same name, web, in post"),
    "category and target": ({"category": "oom", "target": "web", "namespace": "shop"}, True, "the same target"),
    "alert and target": (
        {"alert": "HighMemory", "target": "web", "namespace": None},
        True,
        "the same alert: HighMemory",
    ),
    "all the lines": ({"templates": LINES}, True, "2 same kinds of log line: killed process"),
    "its only line": ({"templates": {fingerprint(OOM): OOM}}, True, "the same kind of log line: killed process"),
    "one line of many": (
        {"templates": {fingerprint(OOM): OOM, **{str(n): str(n) for n in range(9)}}},
        False,
        "the same kind of log line",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_likeness(case: str):
    same, shown, reason = CASES[case]
    found = likeness(NOW, replace(NOTHING, **same))
    assert (found.score >= SHOWN) is shown, found
    assert any(reason in said for said in found.reasons) or not reason
    assert 0 <= found.score <= 1


def test_what_a_person_said_weighs_more():
    then = replace(NOTHING, category="oom", target="web", namespace="shop")
    assert likeness(NOW, replace(then, by_person=True)).score > likeness(NOW, then).score
    at = datetime(2026, 11, 21, tzinfo=UTC)
    assert order(0.5, True, at) < order(0.5, False, at + timedelta(days=1)) < order(0.5, False, at)
    assert order(0.6, False, at) < order(0.5, True, at)


def test_two_that_nobody_could_explain_have_nothing_in_common():
    assert likeness(replace(NOW, category="unknown"), replace(NOTHING, category="unknown")).score == 0


def test_the_same_in_everything_is_one_and_no_more():
    assert likeness(NOW, replace(NOW, by_person=True)).score == 1


def test_only_lines_that_tell_trouble_are_kept_the_rarest_first():
    found = telling(
        [
            {"template": "GET / # in # ms", "count": 9, "level": "info"},
            {"template": "short", "count": 1, "level": "error"},
            {"template": "could not connect to db:#", "count": 40, "level": "error"},
            {"template": "Killed process # (python)", "count": 1, "level": "fatal"},
            {"template": "killed  process # (python)", "count": 2, "level": "fatal"},
        ]
    )
    assert list(found) == [fingerprint(OOM), fingerprint(REFUSED)]
