"""What was usual: up to the step that an alert waited for, and not what fell, nor what comes and goes."""

import pytest

from agent_graph.sources.courses import course, emptied
from agent_graph.sources.series import Series
from tests.agent_graph.cases import case

# Minutes before the alert at which the level changed, and the alert was told of it only after its own wait.
CASES = {
    "a step five minutes before": ([0.2] * 25 + [4.0] * 15, "raised"),
    "a step twelve minutes before": ([0.2] * 18 + [4.0] * 22, "raised"),
    "a step twenty-five minutes before": ([0.2] * 5 + [4.0] * 35, "raised"),
    "high all along": ([4.0] * 40, "flat"),
    "high since long before": ([0.2] * 5 + [4.0] * 75, "flat"),
    "a burst that is over": ([0.2] * 20 + [4.0] * 6 + [0.2] * 14, "over"),
    "comes and goes": ([0.2, 0.2, 4.0, 4.0] * 10, "flat"),
    "measured no more since it rose": ([1.5] * 46 + [412.0] * 2, "flat"),
    "fell before": ([263.0] * 8 + [0.0] * 32, "over"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_an_alert_waited_for_is_no_part_of_what_was_usual(name: str):
    values, wanted = CASES[name]
    began = case().started_at
    start = began.timestamp() - 60 * (len(values) - 10)
    assert course(Series({}, [(start + 60 * n, v) for n, v in enumerate(values)]), began) == wanted


# What waited, minute by minute; is nothing left of it?
WAITED = {
    "it came, and was worked off just now": (
        [300.0] * 40 + [20_000, 60_000, 90_000, 50_000, 9_000] + [310.0] * 5,
        True,
    ),
    "it is at its end for a moment only": ([300.0] * 40 + [20_000, 60_000, 90_000, 50_000, 9_000] + [310.0] * 2, False),
    "something is left": ([300.0] * 40 + [20_000, 60_000, 90_000, 50_000, 9_000] + [4_000.0] * 5, False),
    "it comes in bursts": ([300.0] * 25 + [9_000.0] * 5 + [300.0] * 15 + [9_000.0] * 5 + [300.0] * 5, False),
    "it came before, too": ([9_000.0] * 5 + [300.0] * 35 + [9_000.0] * 5 + [300.0] * 5, False),
}


@pytest.mark.parametrize("name", WAITED)
def test_what_waited_is_gone_once_all_of_it_is(name: str):
    values, gone = WAITED[name]
    began = case().started_at
    start = began.timestamp() - 60 * (len(values) - 10)
    assert emptied(Series({}, [(start + 60 * n, v) for n, v in enumerate(values)]), began) == gone


WORKED_OFF = [20_000.0, 60_000, 90_000, 50_000, 9_000]
# Of a lag: what it was usually and at its end, and whether nobody is behind any more.
ENDS: dict[str, tuple[float, list[float], bool]] = {
    "it moves as before": (300, [310.0, 290, 305, 300, 312], True),
    "nobody is there to be behind": (2, [0.0] * 5, False),
    "what was told last is told again": (300, [310.0] * 5, False),
}


@pytest.mark.parametrize("name", ENDS)
@pytest.mark.parametrize("called", ["kafka_consumergroup_lag", "pg_replication_lag_seconds", "seconds_behind_source"])
def test_a_lag_is_over_only_where_it_is_still_measured(called: str, name: str):
    usual, ends, over = ENDS[name]
    assert _emptied(called, usual, ends) is over


def test_a_queue_may_be_empty():
    assert _emptied("queue_messages_ready", 2, [0.0] * 5)


def _emptied(called: str, usual: float, ends: list[float]) -> bool:
    began, values = case().started_at, [usual] * 40 + WORKED_OFF + ends
    start = began.timestamp() - 60 * (len(values) - 10)
    return emptied(Series({"__name__": called}, [(start + 60 * n, v) for n, v in enumerate(values)]), began)
