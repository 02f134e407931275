"""A registered drill that takes out one member is no incident while it lasts; whatever else is away or fails is one."""

from collections.abc import Sequence
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


AWAY = [pod(0), pod(1), pod(2, "trouble")]
LATENCY = Sign("E4", "prometheus", "trouble", "strong", "latency: 0.1 → 9", "latency", BEGAN, "latency is above before")
REFUSED = "dial tcp 10.0.0.3:6222: connect: connection refused"

# What was registered, what the platform sees, what else is thought likely, how often it complains; is it the drill
CASES: dict[str, tuple[LogLine, Sequence[Sign], Sequence[Category], int, bool]] = {
    "the one that it names": (plan(), AWAY, ["dependency_failure"], 1, True),
    "killed by it": (plan(), [*AWAY, pod(2, "app_crash", "web-2: exit code 137 (SIGKILL)")], ["app_crash"], 0, True),
    "by the clock": (plan("chaos lab/web: pod-delete of web-2, 02:55-03:20 UTC"), AWAY, [], 0, True),
    "another one": (plan(), [pod(0), pod(2), pod(1, "trouble")], [], 0, False),
    "another one as well": (plan(), [pod(0), pod(3), pod(4), pod(1, "trouble"), pod(2, "trouble")], [], 0, False),
    "hardly any other stands": (plan(), [pod(0), pod(2, "trouble")], [], 0, False),
    "by its own fault": (plan(), [*AWAY, pod(2, "app_crash", "web-2: exit code 1")], ["app_crash"], 0, False),
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
    ],
)
def test_what_was_begun_holds_for_as_long_as_it_says(said: str, holds: bool):
    assert in_force(plan(said), Facts(case("web"))) == holds
