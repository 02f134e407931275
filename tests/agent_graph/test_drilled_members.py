"""A registered drill that takes out one member is no incident while it lasts; whatever else is away or fails is one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.well.drills import drilled
from agent_graph.analysts.rules.well.hours import in_force
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, NOW, alert, case

PLAN = "chaos lab/web: pod-loss started (pod-delete, DURATION=1200s, target web-2)"


def plan(said: str = PLAN, minutes: float = -2) -> LogLine:
    return LogLine("E7", said, said, None, BEGAN + timedelta(minutes=minutes), 1)


def pod(number: int, category: str = "healthy", quote: str = "", source: str = "kubernetes") -> Sign:
    told = quote or f"pod web-{number}: {category}"
    return Sign("E3", source, category, "strong", told, f"web-{number}", BEGAN, told)


def whole(ready: int, more: str = "", category: str = "trouble") -> Sign:
    told = f"statefulset web: {ready} of 3 replicas ready, image web:1{more}"
    return Sign("E3", "kubernetes", category, "strong", told, "web", BEGAN, told)


STANDS = replace(whole(3, category="healthy"), subject="cache")
AWAY = [pod(0), pod(1), pod(2, "trouble")]
LATENCY = Sign("E4", "prometheus", "trouble", "strong", "latency: 0.1 → 9", "latency", BEGAN, "latency is above before")
REFUSED = "dial tcp 10.0.0.3:6222: connect: connection refused"

# What was registered, what the platform sees, what else is thought likely, how often it complains; is it the drill
CASES: dict[str, tuple[LogLine, Sequence[Sign], Sequence[Category], int, bool]] = {
    "the one that it names": (plan(), AWAY, ["dependency_failure"], 1, True),
    "killed by it": (
        plan(),
        [*AWAY, pod(2, "app_crash", "pod web-2 container web: exit code 137 (SIGKILL)")],
        ["app_crash"],
        0,
        True,
    ),
    "by the clock": (plan("chaos lab/web: pod-delete of web-2, 02:55-03:20 UTC"), AWAY, [], 0, True),
    "the whole misses it": (plan(), [*AWAY, whole(2)], [], 0, True),
    "the whole misses more": (plan(), [*AWAY, whole(1)], [], 0, False),
    "the whole turns": (plan(), [*AWAY, whole(3, "; 1 of 3 are of the newest revision")], [], 0, False),
    "only the whole is named": (plan(PLAN.replace("web-2", "one pod")), [pod(0), pod(1), whole(2)], [], 0, False),
    "only the whole is seen": (plan(), [pod(0), pod(1), whole(2)], [], 0, False),
    "a whole stands": (plan(), [pod(0), pod(2, "trouble"), STANDS], [], 0, False),
    "another one": (plan(), [pod(0), pod(2), pod(1, "trouble")], [], 0, False),
    "another one as well": (plan(), [pod(0), pod(3), pod(4), pod(1, "trouble"), pod(2, "trouble")], [], 0, False),
    "hardly any other stands": (plan(), [pod(0), pod(2, "trouble")], [], 0, False),
    "by its own fault": (
        plan(),
        [*AWAY, pod(2, "app_crash", "pod web-2 container web: exit code 1")],
        ["app_crash"],
        0,
        False,
    ),
    "its users wait": (plan(), [*AWAY, LATENCY], [], 0, False),
    "another cause": (plan(), AWAY, ["disk_pressure"], 0, False),
    "others go on complaining": (plan(), AWAY, ["dependency_failure"], 9, False),
    "the drill is over": (plan(PLAN.replace("1200", "300")), AWAY, [], 0, False),
    "no drill": (plan("config lab/web: web-2 started for 20 min"), AWAY, [], 0, False),
    "elsewhere": (plan(PLAN.replace("lab/web", "lab/mail")), AWAY, [], 0, False),
}


@pytest.mark.parametrize("name", CASES)
def test_a_member_that_a_drill_takes_out_is_away_on_purpose(name: str):
    change, signs, likely, often, expected = CASES[name]
    labels = {"alertname": "RoutesLow", "statefulset": "web"}
    lines = [
        LogLine("E1", REFUSED, REFUSED, "error", NOW - timedelta(minutes=n / 2), often) for n in range(min(often, 4))
    ]
    facts = Facts(case("web", alerts=[alert(name="RoutesLow", labels=labels)]), signs=list(signs), lines=lines)
    facts.changes.append(change)
    assert (drilled(facts, likely) is not None) == expected


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ("drill started, DURATION=1200s", True),
        ("load test started for 20 minutes", True),
        ("exercise begun for the next 1 h", True),
        ("drill started, DURATION=300s", False),
        ("drill for 20 minutes was cancelled after it started", False),
        ("retention for 20 minutes", False),
        ("drill started", False),
        ("chaos drill starts tomorrow 09:00 UTC, kills web-2, lasts 2 hours", False),
        ("maintenance starts on Saturday at 22:00, takes 4 hours", False),
        ("drill to be started on 24 Nov, for 4 h", False),
        ("drill will be started by alice, for 2 hours", False),
        ("chaos controller running, kills web-2 now and then, for 9000 h", False),
        ("drill started, for 9000 h", False),
        ("drill started and finished, web-2 killed for 120 min", False),
        ("drill started, duration=7200s; stopped by alice after 5 minutes", False),
        ("drill started, duration=7200s, aborted", False),
        ("drill started, duration=7200s, completed early", False),
    ],
)
def test_what_was_begun_holds_for_as_long_as_it_says(said: str, holds: bool):
    assert in_force(plan(said), Facts(case("web"))) == holds
