"""Who holds a lock is named, whichever way lists of sessions and servers tell it; a circle has no holder."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.noise import background, without_usual
from agent_graph.analysts.rules.reading import read
from tests.agent_graph.cases import BEGAN, case, container, logs

ROWS = (
    "7001 | report | 10.0.0.7:4001 | shop | Sleep | 3127 |  | NULL",
    "7010 | deploy | 10.0.0.8:4002 | shop | Query | 874 | Waiting for table metadata lock | ALTER TABLE item ADD x int",
    "7020 | shop | 10.0.0.9:4003 | shop | Query | 360 | Waiting for table metadata lock | SELECT * FROM item",
)
# The same list as a sampler writes it.
PAIRS = (
    "processlist id=7001 user=report host=10.0.0.7 db=shop cmd=Sleep time=3127 state= trx_active=3127s info=NULL",
    "processlist id=7010 user=deploy host=10.0.0.8 db=shop cmd=Query time=874 state=Waiting for table metadata lock"
    " info=ALTER TABLE item ADD x int",
    "processlist id=7020 user=shop host=10.0.0.9 db=shop cmd=Query time=360 state=Waiting for table metadata lock"
    " info=SELECT * FROM item WHERE id=9 and time=4",
)
POOLED = "7002 | shop | 10.0.0.9:4009 | shop | Sleep | 4000 |  | NULL"

# name: lines, what is said of the holder, what is not
HOLDERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "the one that sleeps since before": (ROWS, "session 7001 of report, idle for 3127 s, holds it", "7020 of"),
    "with tabs": (tuple(row.replace(" | ", "\t") for row in ROWS), "session 7001 of report", "held by"),
    "as pairs": (PAIRS, "session 7001 of report, idle for 3127 s, holds it", "7020 of"),
    "of several that sleep, whose transaction is open": (
        (POOLED, *ROWS, "MySQL thread id 7001, OS thread handle 1399, query id 90 10.0.0.7 report"),
        "session 7001 of report",
        "7002",
    ),
    "of several that sleep, nobody knows": ((POOLED, *ROWS), "first 7010 (deploy): ALTER TABLE item", "holds it"),
    "InnoDB's status: not who waits, and not who has just come": (
        (
            "---TRANSACTION 91, ACTIVE 40 sec starting index read",
            "LOCK WAIT 2 lock struct(s), heap size 1128, 1 row lock(s)",
            "MySQL thread id 7020, OS thread handle 13, query id 88 10.0.0.9 shop updating",
            "---TRANSACTION 77, ACTIVE 1140 sec",
            "2 lock struct(s), heap size 1128, 412 row lock(s), undo log entries 4",
            "MySQL thread id 7001, OS thread handle 14, query id 55 10.0.0.7 report",
            "---TRANSACTION 93, ACTIVE 2 sec",
            "1 lock struct(s), heap size 1128, 1 row lock(s)",
            "MySQL thread id 7030, OS thread handle 15, query id 99 10.0.0.9 shop",
        ),
        "session 7001 of report (10.0.0.7) holds 412 rows in a transaction that has been open for 1140 s",
        "7030",
    ),
    "a server that logs its queues": (
        (
            "LOG:  process 812 still waiting for ShareLock on transaction 771 after 1000.1 ms",
            "DETAIL:  Process holding the lock: 455. Wait queue: 812, 813.",
        ),
        "held by 455",
        "812 of",
    ),
    "a tool with a lock table of its own": (
        ("ERROR Could not acquire change log lock. Currently locked by ledger-1 (10.8.2.31) since 7:31 PM",) * 3,
        "held by ledger-1",
        "7:31 holds",
    ),
    "a circle": (
        (
            "ERROR:  deadlock detected",
            "DETAIL:  Process 8 waits for ShareLock on transaction 7; blocked by process 9.",
        ),
        "deadlock detected",
        "held by",
    ),
}


@pytest.mark.parametrize("name", HOLDERS)
def test_the_holder_of_a_lock_is_named(name: str):
    lines, said, unsaid = HOLDERS[name]
    failing = ["ERROR Lock wait timeout exceeded; try restarting transaction"] * 3 if "circle" not in name else []
    found = [container(health="unhealthy"), logs(*failing, *lines)]
    draft = analyse(case(), [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)])
    assert draft.category == "lock_contention"
    assert said in draft.root_cause
    assert unsaid not in draft.root_cause


# How long the first of the queue waits, by a list that somebody else keeps: is that the trouble, though nobody says so?
LISTED = {874: True, 4: False}


@pytest.mark.parametrize("seconds", LISTED)
def test_a_queue_in_a_list_of_sessions_needs_no_complaint(seconds: int):
    rows = [f"{BEGAN.isoformat()} {row.replace('874', str(seconds)).replace('360', '3')}" for row in ROWS]
    listed = logs(*rows).model_copy(update={"data": {"own": False, "templates": []}, "label": "E2"})
    draft = analyse(case(), [container(Running=True, health="unhealthy", label="E1"), listed])
    assert (draft.category == "lock_contention") == LISTED[seconds]


# How many the server says to wait for one: is that the trouble, though the target only lacks connections?
QUEUED = {4: True, 1: False}


@pytest.mark.parametrize("waiting", QUEUED)
def test_a_queue_that_the_server_names_the_holder_of_comes_before_a_pool_that_it_empties(waiting: int):
    rows = [
        f"{BEGAN + timedelta(seconds=n):%Y-%m-%d %H:%M:%S} UTC [{900 + n}] shop DETAIL:  "
        f"Process holding the lock: 455. Wait queue: 812, {900 + n}."
        for n in range(waiting)
    ]
    at = BEGAN + timedelta(seconds=40)
    own = logs(*[f"{at.isoformat()} ERROR connection pool exhausted, timed out after 5 s"] * 3)
    told = logs(*rows).model_copy(update={"data": {**logs(*rows).data, "own": False}, "label": "E2"})
    found = [container(Running=True, health="unhealthy", label="E1"), told, own.model_copy(update={"label": "E3"})]
    assert (analyse(case(), found).category == "lock_contention") == QUEUED[waiting]


def test_who_sleeps_in_every_list_holds_the_lock_of_the_last_one():
    """What is listed every few minutes was there before it began, and is no background: it is why the others wait."""
    rows = [
        f"{(BEGAN + timedelta(minutes=n)).isoformat()} {PAIRS[0].replace('3127', str(3127 + 60 * n))}"
        for n in range(-45, 10, 5)
    ]
    rows += [f"{(BEGAN + timedelta(minutes=5)).isoformat()} {row}" for row in PAIRS[1:]]
    listed = logs(*rows)
    listed = listed.model_copy(update={"data": {**listed.data, "own": False}, "label": "E2"})
    listed = listed.model_copy(update={"window_start": BEGAN - timedelta(hours=1)})
    told = without_usual(read(case(), [listed]), set(), background(case(), [listed]))
    assert any("user=report" in line.text for line in told.around)


@pytest.mark.parametrize(
    "piece", ["1|a|" + " " * 1900 + "x", "1 | " * 450, "9" * 1900, "\t" * 1900, "id=" * 600, "id=1 time=" * 180]
)
def test_a_line_that_looks_like_a_list_without_end_is_read_at_once(piece: str):
    lines = logs("ERROR could not obtain lock on row", *[f"INFO {piece}"] * 200)
    assert analyse(case(), [container(health="unhealthy", label="E1"), lines]).category == "lock_contention"
