"""Ended for its check again and again: well between two kills is not well; and what it never gets done with."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.context.unfinished import unfinished
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.kept_killing import is_restarted_for_it, kept_killing
from tests.agent_graph.cases import BEGAN, NOW, case, container

# name: how many minutes ago it was ended for its check, does the alert fire, is that what is wrong
KILLS: dict[str, tuple[tuple[int, ...], bool, bool]] = {
    "three times, up to now": ((34, 20, 6), True, True),
    "twice": ((20, 6), True, False),
    "not lately": ((55, 48, 40), True, False),
    "nothing fires": ((34, 20, 6), False, False),
}


@pytest.mark.parametrize("name", KILLS)
def test_well_between_two_kills_is_not_well(name: str):
    minutes, fires, wrong = KILLS[name]
    at = [NOW - timedelta(minutes=ago) for ago in minutes]
    told = [f"{t:%Y-%m-%dT%H:%M:%SZ} Normal Killing pod/q-0: Container q failed liveness probe" for t in at]
    signs = [Sign("E2", "kubernetes", "probe_failure", "weak", q, "q-0", t, q) for q, t in zip(told, at, strict=True)]
    assert (kept_killing(Facts(case(firing=fires), signs=signs)) is not None) == wrong


# name: how often it turned unhealthy, its health now, failures in a row, is that what is wrong
TURNS: dict[str, tuple[int, str, int, bool]] = {
    "and it fails again": (4, "starting", 2, True),
    "and it starts": (4, "starting", 0, False),
    "and it is well": (4, "healthy", 0, False),
    "for the first time": (1, "starting", 2, False),
}


@pytest.mark.parametrize("name", TURNS)
def test_who_is_started_anew_for_its_check_fails_it_again(name: str):
    times, health, row, wrong = TURNS[name]
    state = container(Running=True, health=health)
    state = state.model_copy(update={"data": {**state.data, "health_failures": row}})
    (seen,) = read(case(), [state]).containers
    at = [NOW - timedelta(minutes=5 * n + 2) for n in range(times)][::-1]
    events = [LogLine("E4", f"{t:%Y-%m-%dT%H:%M:%SZ} health_status: unhealthy", "", None, t, 1) for t in at]
    facts = Facts(case(), containers=[seen], events=events)
    assert (kept_killing(facts) is not None) == wrong
    assert is_restarted_for_it(facts) == (times >= 3)


# name: how often it turned unhealthy, how often its engine started it anew, what it says itself, is that what is wrong
UNHEALTHY: dict[str, tuple[int, int, tuple[str, str], bool]] = {
    "started anew for it each time": (4, 4, ("info", "served"), True),
    "nobody starts it anew": (4, 0, ("info", "served"), False),
    "it says why it does not answer": (4, 4, ("fatal", "cannot open database"), False),
    "for the second time": (2, 2, ("info", "served"), False),
}


@pytest.mark.parametrize("name", UNHEALTHY)
def test_who_is_unhealthy_again_after_each_start_and_well_in_between_is_shot_for_its_check(name: str):
    times, starts, (level, words), wrong = UNHEALTHY[name]
    state = container(Running=True, health="unhealthy")
    state = state.model_copy(update={"data": {**state.data, "health_failures": 3}})
    (seen,) = read(case(), [state]).containers
    at = [NOW - timedelta(minutes=5 * n + 2) for n in range(times)][::-1]
    events = [LogLine("E4", f"{t:%Y-%m-%dT%H:%M:%SZ} health_status: unhealthy", "", None, t, 1) for t in at]
    events += [LogLine("E4", f"{t:%Y-%m-%dT%H:%M:%SZ} start", "", None, t, 1) for t in at[:starts]]
    own = LogLine("E2", words, words, level, NOW - timedelta(minutes=3), 1)  # pyright: ignore[reportArgumentType]
    found = kept_killing(Facts(case(), containers=[seen], events=events, lines=[own]))
    assert (found is not None) == wrong


@pytest.mark.parametrize("row", ["many", None, [2], -1])
def test_a_count_of_failures_that_is_none_tells_nothing(row: object):
    state = container(Running=True, health="starting")
    state = state.model_copy(update={"data": {**state.data, "health_failures": row}})
    (seen,) = read(case(), [state]).containers
    at = [NOW - timedelta(minutes=n) for n in (20, 10, 5)]
    events = [LogLine("E4", "health_status: unhealthy", "", None, t, 1) for t in at]
    assert kept_killing(Facts(case(), containers=[seen], events=events)) is None


# name: how far it says it is, one after the other, is it never done
STEPS: dict[str, tuple[tuple[int, ...], bool]] = {
    "it begins anew each time": ((10, 40, 10, 50, 10, 40), True),
    "it gets done at last": ((10, 40, 10, 50, 10, 100), False),
    "it gets on": ((10, 20, 30, 40, 50, 60), False),
}


@pytest.mark.parametrize("name", STEPS)
def test_what_it_never_gets_done_with_is_told(name: str):
    steps, never = STEPS[name]
    texts = [text for far in steps for text in (["replaying 88,120 records"] * (far == 10) + [f"{far}% completed"])]
    lines = [LogLine("E2", t, t, "info", BEGAN + timedelta(seconds=n), 1) for n, t in enumerate(texts)]
    kill = Sign("E3", "kubernetes", "probe_failure", "strong", "q failed liveness probe", "q-0", BEGAN, "")
    facts = Facts(case(), lines=lines, signs=[kill])
    told = list(unfinished(Finding("probe_failure", "it is ended", [], "strong"), facts))
    assert bool(told) == never
    assert not told or ("50% completed" in told[0][0] and "replaying" in told[0][0])
