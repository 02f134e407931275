"""A timetable that names a tag stops those that were registered to have it, and explains the absence of nobody else."""

from datetime import UTC, datetime, timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, LogLine, Monitor
from agent_graph.analysts.rules.well.timetable import by_timetable
from agent_graph.sources.changes import evidence_of as changes_of
from tests.agent_graph.cases import BEGAN, NOW, alert, case, down, history, logs, monitor, up

GONE = monitor(*(down("connect EHOSTUNREACH", minutes_ago=n) for n in range(1, 10)), up(minutes_ago=11))
STOP = ("schedule", "nonprod", "stop-by-tag: stopped all with Schedule=office-hours (7 machines), back 07:30")
TAGGED = ("config", "cloud", "web tagged Schedule=office-hours (cost round)")
CASES: dict[str, tuple[tuple[str, str, str], list[tuple[str, str, str]], dict[str, str], bool]] = {
    "it was tagged": (STOP, [TAGGED], {}, True),
    "labelled, and without an hour of return": (
        ("scale", "dev", "downscaler: scaled down all with nightly=off, daily"),
        [("config", "dev/web", "label nightly: off added")],
        {},
        True,
    ),
    "another was tagged": (STOP, [("config", "cloud", "mailer tagged Schedule=office-hours")], {}, False),
    "it has another value": (STOP, [("config", "cloud", "web tagged Schedule=always-on")], {}, False),
    "nobody tagged it": (STOP, [], {}, False),
    "the tag was taken off again": (
        STOP,
        [TAGGED, ("config", "cloud", "web: tag Schedule=office-hours removed")],
        {},
        False,
    ),
    "users need it": (STOP, [TAGGED], {"env": "production"}, False),
    "it is past the hour of return": (
        ("schedule", "nonprod", "stopped all with Schedule=office-hours, daily, back 03:01"),
        [TAGGED],
        {},
        False,
    ),
}


def _row(at: datetime, said: tuple[str, str, str]) -> dict[str, str]:
    kind, target, summary = said
    return {"ts": at.astimezone(UTC).isoformat(), "kind": kind, "target": target, "summary": summary}


@pytest.mark.parametrize("name", CASES)
def test_who_has_the_tag_of_a_timetable_is_stopped_by_it(name: str):
    stop, tags, labels, well = CASES[name]
    rows = [_row(BEGAN - timedelta(days=3 - n), said) for n, said in enumerate(tags)]
    rows.append(_row(BEGAN - timedelta(minutes=1), stop))
    changed = changes_of(case(), rows, "changes")[0].model_copy(update={"label": "E7"})
    fired = alert(labels={"alertname": "ContainerDown", "name": "web", **labels})
    said = logs(f"{BEGAN:%Y-%m-%dT%H:%M:%SZ} INFO bye")
    found = analyse(case(alerts=[fired], monitor=GONE), [history(GONE), said, changed])
    assert ("timetable" in found.root_cause) is well
    assert (found.verdict == "not_an_incident") is well


@pytest.mark.parametrize(("days_before", "well"), [(0, True), (1, True), (2, False), (5, False)])
def test_what_is_for_the_weekend_stops_nothing_in_the_week(days_before: int, well: bool):
    shift = timedelta(days=days_before)
    began = BEGAN - shift
    assert BEGAN.weekday() == 5
    said = {
        began - timedelta(days=2): "config cloud: web tagged sleep=weekend",
        began - timedelta(minutes=1): "schedule nonprod: weekend sleep of all with sleep=weekend",
    }
    down_ = ["2026-11-21 03:09:00 down connect EHOSTUNREACH"]
    facts = Facts(
        case().model_copy(update={"now": NOW - shift, "started_at": began}),
        monitor=Monitor("E1", "down", 1, 1, ["down"], began, None, down_),
        changes=[LogLine("E7", text, text, None, at, 1) for at, text in said.items()],
    )
    assert (by_timetable(facts, []) is not None) is well
