"""Workers ended for waiting too long tell for whom; who only asks whether it was for memory does not know."""

import pytest

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.hung import hung
from agent_graph.analysts.rules.signatures.oom import match as oom
from tests.agent_graph.cases import NOW, case, logs, metric

GUESS = "[1] [ERROR] Worker (pid:77) was sent SIGKILL! Perhaps out of memory?"
ENDED = "[1] [CRITICAL] WORKER TIMEOUT (pid:77)"
READS = [
    "Traceback (most recent call last):",
    '  File "/app/geo.py", line 41, in geocode',
    '    r = requests.get("https://maps.example/search", params=q)',
    '  File "/usr/lib/python3.12/ssl.py", line 1104, in read',
    "SystemExit: 1",
]
COUNTS = ["Traceback (most recent call last):", '  File "/app/report.py", line 9, in add', "SystemExit: 1"]


def _facts(*runs: list[str]) -> Facts:
    stamped = [f"{NOW:%Y-%m-%dT%H:%M}:{n:02d}Z {run[0]}\n" + "\n".join(run[1:]) for n, run in enumerate(runs)]
    return read(case(), [logs(*"\n".join(stamped).strip().split("\n"))])


# What is said, whom they wait for; None: for nobody.
RUNS: dict[str, tuple[list[list[str]], str | None]] = {
    "each waits for the same": ([[ENDED, *READS, GUESS]] * 3, "maps.example"),
    "nobody is named": ([[ENDED, *(line for line in READS if "http" not in line)]] * 2, "an answer of another"),
    "it works too long itself": ([[ENDED, *COUNTS]] * 3, None),
    "one alone": ([[ENDED, *READS]], None),
}


@pytest.mark.parametrize("name", RUNS)
def test_for_whom_workers_wait_that_are_ended(name: str):
    runs, whom = RUNS[name]
    found = hung(_facts(*runs))
    assert (found is None) is (whom is None)
    assert found is None or f"wait too long for {whom}" in found.statement


@pytest.mark.parametrize(
    ("said", "used", "killed"),
    [
        ([GUESS], 0.95, True),
        ([GUESS], 0.3, False),
        ([ENDED, GUESS], 0.95, False),
        (["Killed process 77"], 0.3, True),
        (["java.lang.OutOfMemoryError: unable to create native thread"], 0.95, False),
    ],
)
def test_a_question_is_no_statement(said: list[str], used: float, killed: bool):
    lines = logs(*(f"{NOW:%Y-%m-%dT%H:%M:%SZ} {line}" for line in said))
    found = oom(read(case(), [lines, metric("memory", used, used, limit=1.0, label="E4")]))
    assert (found is not None) is killed
