"""A run of a schedule is on time by how long the last one took, also where no job of that is left."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import NOW, case

DAY = 24 * 60
# name: the schedule, since when the run goes on and when the last one ended (minutes ago), is it on time
RUNS: dict[str, tuple[str, int, int, bool]] = {
    "daily, as long as yesterday": ("15 2 * * *", 55, 55 + DAY - 64, True),
    "daily, the last that came well was the day before": ("15 2 * * *", 55, 55 + 2 * DAY - 64, True),
    "weekly": ("15 2 * * 6", 55, 55 + 7 * DAY - 64, True),
    "hourly": ("15 * * * *", 9, 9 + 60 - 10, True),
    "longer than yesterday": ("15 2 * * *", 90, 90 + DAY - 64, False),
    # The last one that came well was started by hand, shortly before the next was due or in the afternoon.
    "it hangs since a rerun": ("15 2 * * *", DAY + 60, DAY + 60 + 30, False),
    "a rerun at noon": ("15 2 * * *", 9 * 60, 9 * 60 + DAY - 10 * 60, False),
    "several moments a day": ("15 2,14 * * *", 55, 55 + DAY - 64, False),
    "none came well": ("15 2 * * *", 55, 0, False),
    "the last one ended as it was due": ("15 2 * * *", 55, 55 + DAY, False),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_goes_on_for_no_longer_than_the_last_one_took(name: str):
    schedule, began, ended, on_time = RUNS[name]
    times = {"lastScheduleTime": (NOW - timedelta(minutes=began)).isoformat()}
    times |= {"lastSuccessfulTime": (NOW - timedelta(minutes=ended)).isoformat()} if ended else {}
    cronjob: dict[str, Any] = {"kind": "CronJob", "metadata": {"name": "web"}, "spec": {"schedule": schedule}}
    cronjob["status"] = {**times, "active": [{"name": "web-29683740"}]}
    found = [sign for one in evidence_of(case(), [cronjob], "test") for sign in one.data["signs"]]
    assert any(sign["category"] == "on_time" for sign in found) is on_time
