"""What failed once and ran through since is over; what only started again, or failed again, is not."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from tests.agent_graph.cases import NOW, alert, case, logs, metric

RUNS: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]] = {
    "a unit of systemd": (
        ("certbot.service: Failed with result 'exit-code'.", "Failed to start certbot.service - Certbot."),
        ("Starting certbot.service - Certbot...", "Finished certbot.service - Certbot."),
        True,
    ),
    "a job of a scheduler": (
        ("ERROR job=ledger-export failed: 502 from bank",),
        ("INFO job=ledger-export started", "INFO job=ledger-export completed, 812 rows"),
        True,
    ),
    "it failed again": (
        ("ERROR job=ledger-export failed: 502 from bank",),
        ("INFO job=ledger-export started", "ERROR job=ledger-export failed: 502 from bank"),
        False,
    ),
    "another job was done": (
        ("ERROR job=ledger-export failed: 502 from bank",),
        ("INFO job=cleanup completed, 3 files",),
        False,
    ),
    "a service was stopped": (
        ("proxy.service: Failed with result 'exit-code'.",),
        ("proxy.service: Deactivated successfully.",),
        False,
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_that_came_to_its_end_makes_an_earlier_one_good(name: str):
    first, then, well = RUNS[name]
    said = [f"{NOW - timedelta(minutes=9, seconds=-n):%Y-%m-%dT%H:%M:%SZ} {line}" for n, line in enumerate(first)]
    said += [f"{NOW - timedelta(minutes=5, seconds=-n):%Y-%m-%dT%H:%M:%SZ} {line}" for n, line in enumerate(then)]
    found = analyse(case(alerts=[alert()]), [logs(*said, source="loki"), metric("up", *[1] * 20)])
    assert (found.verdict == "not_an_incident") is well
