"""Work that a timetable starts is done between its runs; what was overdue, failed or loops is not."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Container, LogLine
from agent_graph.analysts.rules.regular_runs import with_regular_runs, with_renewals
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


@pytest.mark.parametrize(
    ("lived", "code", "asked", "told", "renewed"),
    [
        (15.0, 0, "", "--max-time=900", True),
        (15.4, 0, "", "--max-time=900", True),
        # Too soon; not well; by somebody; nothing is set.
        (3.0, 0, "", "--max-time=900", False),
        (15.0, 1, "", "--max-time=900", False),
        (15.0, 0, "kill signal=15", "--max-time=900", False),
        (15.0, 0, "", "", False),
    ],
)
def test_who_lives_as_long_as_it_is_set_to_is_renewed_and_loops_not(
    lived: float, code: int, asked: str, told: str, renewed: bool
) -> None:
    starts = [-60 + n * (lived + 0.05) for n in range(4)]
    moments = [(at, "start") for at in starts] + [(at + lived, f"die exitCode={code}") for at in starts[:-1]]
    moments += [(starts[1], asked)] if asked else []
    events = [LogLine("E4", what, what, None, BEGAN + timedelta(minutes=minute), 1) for minute, what in sorted(moments)]
    data = {"container": "web", "of_target": True, "status": "running", "running": True, "restart_count": 40}
    found = with_renewals(Container("E3", {**data, "lives": [[900.0, told]] if told else []}, {}), events)
    assert found.looping is not renewed
