"""What was set differently just before the first complaint, and failures that a rule of the mesh makes."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.changes import evidence_of
from backend.investigation.kinds import CaseFile, Evidence
from tests.agent_graph.cases import BEGAN, alert, case, container, logs

FIRES = Evidence(label="E1", source="alert", kind="event", title="a", query="q", content="x", data={"firing": 1})

CALM = [f"2026-11-21T02:{minute}:00Z INFO order placed" for minute in range(20, 60, 4)]
FAILING = [f"2026-11-21T03:0{minute}:30Z ERROR order not placed: mixer said odd things" for minute in range(10)]
WEARY = [f"2026-11-21T02:{minute}:30Z ERROR order not placed: mixer said odd things" for minute in range(20, 60, 4)]


def _told(words: list[str], kind: str, target: str, summary: str, before: float) -> tuple[CaseFile, list[Evidence]]:
    told = case(alerts=[alert()])
    row = {"ts": (BEGAN - timedelta(minutes=before)).isoformat(), "kind": kind, "target": target, "summary": summary}
    changes = [one.model_copy(update={"label": "E7"}) for one in evidence_of(told, [row], "changes")]
    return told, [FIRES, logs(*words), *changes]


CALMLY = [logs(*CALM, *FAILING)]

# name: the log, what was changed and how many minutes before; is it blamed
SET: dict[str, tuple[list[str], tuple[str, str, str, float], bool]] = {
    "a flag": ([*CALM, *FAILING], ("config", "flagd", "mixFailure off -> 25%", 1), True),
    "an experiment": ([*CALM, *FAILING], ("experiment", "growthbook/mix", "variant B for all", 2), True),
    "settings of whom it complains about": ([*CALM, *FAILING], ("config", "mixer", "new recipe", 1), True),
    "settings of somebody else": ([*CALM, *FAILING], ("config", "grafana", "new panels", 1), False),
    "long before": ([*CALM, *FAILING], ("config", "flagd", "mixFailure off -> 25%", 25), False),
    "it complained before, too": ([*WEARY, *FAILING], ("config", "flagd", "mixFailure off -> 25%", 1), False),
    "a deploy of somebody else": ([*CALM, *FAILING], ("deploy", "mixer", "2.1 -> 2.2", 1), False),
}


@pytest.mark.parametrize("name", SET)
def test_new_complaints_are_laid_to_what_was_set_just_before(name: str):
    words, change, blamed = SET[name]
    draft = analyse(*_told(words, *change))
    assert ("something was set differently" in draft.root_cause) == blamed
    assert (draft.category == "config_error") == blamed


# name: how many minutes before it began the new version came and the flag was turned, what is blamed
BOTH: dict[str, tuple[float, float, str]] = {
    "it ran well until the flag": (9, 1, "config_error"),
    "the flag came first": (1, 9, "bad_deploy"),
    "both at once": (2, 1, "bad_deploy"),
}


@pytest.mark.parametrize("name", BOTH)
def test_a_rollout_that_ran_well_until_a_switch_was_turned_is_not_blamed(name: str):
    rollout, flag, blamed = BOTH[name]
    told = case(alerts=[alert()])
    rows = [
        {
            "ts": (BEGAN - timedelta(minutes=rollout)).isoformat(),
            "kind": "deploy",
            "target": "web",
            "summary": "2 -> 3",
        },
        {
            "ts": (BEGAN - timedelta(minutes=flag)).isoformat(),
            "kind": "flag",
            "target": "mix",
            "summary": "mix 0 -> 50%",
        },
    ]
    changes = [one.model_copy(update={"label": "E7"}) for one in evidence_of(told, rows, "changes")]
    draft = analyse(told, [FIRES, container(Running=True, health="unhealthy", label="E3"), *CALMLY, *changes])
    assert draft.category == blamed


ODD = [f"2026-11-21T03:0{minute}:45Z ERROR stock: odd thing {minute}" for minute in range(10)]
OVER = [f"2026-11-21T03:0{minute}:10Z INFO order placed" for minute in range(10)]
KNOWN = [f"2026-11-21T02:{minute}:30Z ERROR order not placed: mixer said odd things" for minute in range(20, 60, 2)]
ONE = "mixer said odd things"
# name: the log, how the alert is called; is it told by what is said each time
EACH_TIME: dict[str, tuple[list[str], str, bool]] = {
    "one complaint, and failures are counted": ([*CALM, *FAILING], "HighErrorRate", True),
    "nothing says that it fails": ([*CALM, *FAILING], "PodNotReady", False),
    "it said so before, too": ([*KNOWN, *FAILING], "HighErrorRate", False),
    "it was not heard before": (FAILING, "HighErrorRate", False),
    "said a few times": ([*CALM, *FAILING[:4], *OVER], "HighErrorRate", False),
    "among many others": (
        [*CALM, *FAILING, *(line.replace("stock", f"s{n}") for n, line in enumerate(ODD))],
        "5xx",
        False,
    ),
}


@pytest.mark.parametrize("name", EACH_TIME)
def test_what_is_said_each_time_that_it_fails_is_how_it_fails(name: str):
    words, called, told = EACH_TIME[name]
    draft = analyse(case(alerts=[alert(name=called)]), [FIRES, logs(*words)])
    assert (draft.verdict == "incident" and "says each time" in draft.root_cause and ONE in draft.root_cause) == told


def _proxy(status: int, flags: str, minute: int) -> str:
    return f'[2026-11-21T03:0{minute}:30.120Z] "GET /stock/7 HTTP/1.1" {status} {flags} - "-" 0 18 0 - "-" "stock:9080"'


# name: what the proxy writes, is it a rule that makes it
MADE: dict[str, tuple[int, str, bool]] = {
    "aborted": (500, "FI fault_filter_abort", True),
    "aborted, without details": (503, "FI", True),
    "the other party's own": (500, "- via_upstream", False),
    "delayed, and served": (200, "DI via_upstream", False),
}


@pytest.mark.parametrize("name", MADE)
def test_a_failure_that_a_rule_of_the_mesh_makes_is_the_rules(name: str):
    status, flags, made = MADE[name]
    told = case(alerts=[alert()])
    draft = analyse(told, [FIRES, logs(*(_proxy(status, flags, minute) for minute in range(10)))])
    assert ("made on purpose" in draft.root_cause) == made
