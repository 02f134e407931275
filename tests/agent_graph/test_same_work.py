"""One job, file or message that a process takes up again after every start, told from what it says at each of them."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from tests.agent_graph.cases import BEGAN, case, container, logs

MINUTES = (-9, -6, -3, 0)
# What it says in each run; is it one piece of work?
RUNS: dict[str, tuple[str, bool]] = {
    "a message of a queue": ("INFO consumer polled record topic=invoices partition=3 offset=4881207", True),
    "a file that is too large": ("INFO parsing document=uploads/scan-2026-11.pdf pages=9120", True),
    "the port that it listens on": ("INFO listening on 0.0.0.0:8080", False),
    "its own name": ("INFO joined group_id=workers-19381 client_id=worker-77120", False),
}


@pytest.mark.parametrize("name", RUNS)
def test_work_of_several_runs_is_told(name: str):
    line, is_work = RUNS[name]
    said = [f"{BEGAN + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ} {line}" for n in MINUTES]
    busy = [f"{BEGAN + timedelta(seconds=20 * n - 540):%Y-%m-%dT%H:%M:%SZ} INFO done in {n} ms" for n in range(30)]
    killed = container(OOMKilled=True, ExitCode=137, restarts=4, memory=2**30, policy="always")
    draft = analyse(case(), [killed, logs(*sorted([*said, *busy]))])
    assert draft.category == "oom"
    assert ("at the same work" in draft.root_cause) == is_work
