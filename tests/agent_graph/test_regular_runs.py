"""Work that a timetable starts is done between its runs; what was overdue, failed or loops is not."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Container, LogLine
from agent_graph.analysts.rules.regular_runs import with_regular_runs
from tests.agent_graph.cases import BEGAN


def _events(starts: tuple[float, ...], code: int, asked: str = "") -> list[LogLine]:
    told = [(minute, "start") for minute in starts] + [(minute + 0.5, f"die exitCode={code}") for minute in starts]
    told += [(starts[0], asked)] if asked else []
    return [
        LogLine("E4", f"{BEGAN + timedelta(minutes=m):%Y-%m-%dT%H:%M:%SZ} {what}", what, None, at, 1)
        for m, what in sorted(told)
        for at in [BEGAN + timedelta(minutes=m)]
    ]


@pytest.mark.parametrize(
    ("starts", "code", "asked", "policy", "done"),
    [
        ((-40, -30, -20, -10), 0, "", "no", True),
        ((-31, -20, -10, -1), 0, "", "on-failure", True),
        # Overdue; failed; stopped by somebody; started again because it ended; at no steady pace; too few to tell.
        ((-70, -60, -50, -40), 0, "", "no", False),
        ((-40, -30, -20, -10), 1, "", "no", False),
        ((-40, -30, -20, -10), 0, "kill signal=15", "no", False),
        ((-40, -30, -20, -10), 0, "", "always", False),
        ((-2.4, -1.8, -1.2, -0.6), 0, "", "no", False),
        ((-60, -59, -20, -10), 0, "", "no", False),
        ((-20, -10), 0, "", "no", False),
    ],
)
def test_regular_runs_that_end_well_are_done(
    starts: tuple[float, ...], code: int, asked: str, policy: str, done: bool
) -> None:
    data = {"container": "web", "of_target": True, "status": "exited", "exit_code": code, "restart_policy": policy}
    told = with_regular_runs(Container("E3", data, {}), _events(starts, code, asked), BEGAN)
    assert told.finished == done
