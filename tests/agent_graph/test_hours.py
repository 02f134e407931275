"""Registered hours hold however their zone is written: as a letter, as a word, or not at all."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.well.hours import in_force
from agent_graph.sources.changes import evidence_of
from tests.agent_graph.cases import BEGAN, case

HOURS: dict[str, bool] = {
    "02:50-03:40": True,
    "02:50Z-03:40Z": True,
    "02:50-03:40Z": True,
    "02:50 Z to 03:40 Z": True,
    "02:50 UTC - 03:40 UTC": True,
    "04:50Z-05:40Z": False,
    "01:10Z-02:20Z": False,
}


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ("web is stopped 02:50-03:40", True),
        ("web is killed 02:50-03:40; stopped by alice", False),
        ("web was killed 02:50-03:40, finished early", False),
    ],
)
def test_what_was_stopped_holds_no_longer(said: str, holds: bool):
    at = BEGAN - timedelta(minutes=40)
    assert in_force(LogLine("E5", said, f"drill web: {said}", None, at, 1), Facts(case())) is holds


@pytest.mark.parametrize("hours", HOURS)
def test_hours_hold_with_any_zone(hours: str):
    at, said = BEGAN - timedelta(minutes=40), f"game day {hours}: web is killed, announced"
    line = LogLine("E5", f"{at:%Y-%m-%dT%H:%M:%SZ} drill web: {said}", f"drill web: {said}", None, at, 1)
    assert in_force(line, Facts(case())) is HOURS[hours]
    rows = [{"ts": at.isoformat(), "kind": "drill", "target": "web", "summary": said}]
    signs = [s["weight"] for one in evidence_of(case(), rows, "test") for s in one.data["signs"]]
    assert (signs == ["proof"]) is HOURS[hours]
