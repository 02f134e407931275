"""Whoever is asked many times as often since a neighbour was set otherwise is at no fault; chance proves nothing."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.signatures.config_error import match
from tests.agent_graph.cases import BEGAN, case

AT = BEGAN - timedelta(minutes=12)
BATCH = 'config collector: sink rows batch.max 10000 -> 1, "seen sooner"'


def change(said: str, minutes: float = 0) -> LogLine:
    return LogLine("E2", said, said, None, AT + timedelta(minutes=minutes), 1)


def series(name: str, before: float, after: float, *, pod: str = "web-0", turned: float = 0.5) -> Metric:
    points = [((AT + timedelta(minutes=at)).timestamp(), before if at < 0 else after) for at in range(-30, 20, 2)]
    line = f'{name}{{pod="{pod}"}}: {before} → {after}'
    return Metric("E3", "other", line, points, None, AT + timedelta(minutes=turned))


ASKED = series("inserts_total:rate1m", 0.4, 170.0)

# what was changed, what is measured, whether the target fails; is the setting why
CASES: dict[str, tuple[Sequence[LogLine], Sequence[Metric], bool, bool]] = {
    "single rows instead of batches": ([change(BATCH)], [ASKED], True, True),
    "asked every second": (
        [change("setting collector: poll 60s -> 1s")],
        [series("requests:rate1m", 2, 90)],
        True,
        True,
    ),
    "the target does not mind": ([change(BATCH)], [ASKED], False, False),
    "no more than twice as often": ([change(BATCH)], [series("inserts_total:rate1m", 0.4, 0.8)], True, False),
    "it began later": ([change(BATCH)], [series("inserts_total:rate1m", 0.4, 170, turned=8)], True, False),
    "of another's": ([change(BATCH)], [series("inserts_total:rate1m", 0.4, 170, pod="mail-0")], True, False),
    "more of it is used": ([change(BATCH)], [series("memory_bytes", 0.4, 170)], True, False),
    "a release": ([change("deploy collector: 1.4.0 -> 1.5.0")], [ASKED], True, False),
    "who is not there": ([change(BATCH.replace("collector", "gateway"))], [ASKED], True, False),
    "its own setting": ([change(BATCH.replace("collector", "web"))], [ASKED], True, False),
    "two changes at once": ([change(BATCH), change("network fw: rule added", 1)], [ASKED], True, False),
}


@pytest.mark.parametrize("name", CASES)
def test_a_neighbour_that_was_set_to_ask_more_often_is_why_the_target_turns_it_away(name: str):
    changes, metrics, fails, told = CASES[name]
    lines = [LogLine("E4", "too many parts", "too many parts", "error", BEGAN, 9)] if fails else []
    known = frozenset({"web-0", "collector-0"})
    found = match(Facts(case("web"), lines=lines, changes=list(changes), metrics=list(metrics), known=known))
    assert (found is not None) == told


EDITED = 'config configmap/collector: "seen sooner": sinks.rows.batch'


def _said(message: str, speaker: str = "collector", minutes: float = 0.5) -> LogLine:
    return LogLine("E5", message, message, "debug", AT + timedelta(minutes=minutes), 1, speaker)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (_said("batch settings changed max_events=200 (was 250000)"), True),
        (_said("reloaded: flush every 1s, previously 60s"), True),
        (_said("sink rows: batch from 10000 to 1"), True),
        (_said("has reloaded its configuration"), False),
        (_said("batch settings changed max_events=200 (was 250000)", "gateway"), False),
        (_said("batch settings changed max_events=200 (was 250000)", minutes=-9), False),
    ],
)
def test_which_number_was_set_otherwise_whoever_it_was_may_say_itself(line: LogLine, told: bool):
    failed = [LogLine("E4", "too many parts", "too many parts", "error", BEGAN, 9)]
    known = frozenset({"web-0", "collector-0"})
    facts = Facts(case("web"), lines=failed, around=[line], changes=[change(EDITED)], metrics=[ASKED], known=known)
    found = match(facts)
    assert (found is not None) == told
