"""A check that fails from one place alone says nothing of what it checks, as long as users are seen being served."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.well.one_place import one_place
from backend.investigation.kinds import CheckFact, Evidence
from tests.agent_graph.cases import NOW, case, down, history, logs, monitor, up

LATE = "timeout after 10000 ms (location sgp)"


def _log(status: int = 200, said: str = "") -> Evidence:
    at = [NOW - timedelta(seconds=15 * n) for n in reversed(range(40))]
    lines = [f'{t:%Y-%m-%dT%H:%M:%SZ} 10.1.1.{n} - - [x] "GET / HTTP/1.1" {status} 512' for n, t in enumerate(at)]
    return logs(*lines, *([f"{NOW:%Y-%m-%dT%H:%M:%SZ} {said}"] if said else []))


def _checks(*failures: str, passes: int = 6) -> list[CheckFact]:
    failed = [down(error, minutes_ago=2 * n + 1) for n, error in enumerate(failures)]
    passed = [up(minutes_ago=2 * n + 0.5) for n in range(passes)]
    return sorted([*failed, *passed], key=lambda check: check.at, reverse=True)


@pytest.mark.parametrize(
    ("checks", "places", "log", "well"),
    [
        (_checks(LATE, LATE, LATE, LATE), ["fra", "sgp", "nyc"], _log(), True),
        # From two of them, from none that is named, or once; none passes; it answered; one place only.
        (_checks(LATE, LATE, "timeout (location fra)"), ["fra", "sgp", "nyc"], _log(), False),
        (_checks(*["timeout"] * 4), ["fra", "sgp", "nyc"], _log(), False),
        (_checks(LATE, LATE), ["fra", "sgp", "nyc"], _log(), False),
        (_checks(LATE, LATE, LATE, LATE, passes=1), ["fra", "sgp", "nyc"], _log(), False),
        (_checks(*["HTTP 502 (location sgp)"] * 4), ["fra", "sgp", "nyc"], _log(), False),
        (_checks(LATE, LATE, LATE, LATE), ["sgp"], _log(), False),
        # Nobody is seen being served; it is turned away; the service has a part of its own there.
        (_checks(LATE, LATE, LATE, LATE), ["fra", "sgp", "nyc"], logs("INFO tick"), False),
        (_checks(LATE, LATE, LATE, LATE), ["fra", "sgp", "nyc"], _log(503), False),
        (_checks(LATE, LATE, LATE, LATE), ["fra", "sgp", "nyc"], _log(said="WARN edge sgp drained"), False),
    ],
)
def test_one_place_is_cut_off(checks: list[CheckFact], places: list[str], log: Evidence, well: bool) -> None:
    watched = monitor(*checks, locations=places)
    facts = read(case(monitor=watched), [history(watched), log])
    assert (one_place(facts, []) is not None) == well
