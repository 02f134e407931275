"""Less by as much as people asked to take away is well; another amount, a job's own doing, or more trouble is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.accounted import accounted
from tests.agent_graph.cases import BEGAN, alert, case

SIZE, ROWS = 'snapshot_size_bytes{host="files2"}', 'table_rows{table="events"}'
TIB = 1024.0**4
FELL = [4.1 * TIB] * 8 + [0.74 * TIB] * 7
FEWER = [9_204_118.0] * 8 + [8_000_000.0] * 7
MOVED = "LAB-640 done: moved to tape and removed, 3.36 TiB"
PURGED = "OPS-12 done: purged 1,204,118 rows of 2019"
# what was registered, of what, how many hours before, the series, its values, and whether that accounts for it
TAKEN: dict[str, tuple[str, str, float, str, list[float], bool]] = {
    "moved away": (MOVED, "request files2:/export", 12, SIZE, FELL, True),
    "purged": (PURGED, "ticket events", 2, ROWS, FEWER, True),
    "another amount": (MOVED.replace("3.36", "1.2"), "request files2:/export", 12, SIZE, FELL, False),
    "another unit": (MOVED.replace("TiB", "GiB"), "request files2:/export", 12, SIZE, FELL, False),
    "of another machine": (MOVED, "request files3:/export", 12, SIZE, FELL, False),
    "weeks ago": (MOVED, "request files2:/export", 500, SIZE, FELL, False),
    "not done yet": (f"{MOVED}, cancelled", "request files2:/export", 12, SIZE, FELL, False),
    "a job did it": (MOVED, "job files2:/export", 12, SIZE, FELL, False),
    "a release did it": (MOVED, "deploy files2", 12, SIZE, FELL, False),
    "nobody asked for it": (MOVED.replace("LAB-640 ", ""), "request files2:/export", 12, SIZE, FELL, False),
    "brought, not taken": ("LAB-640 done: copied 3.36 TiB", "request files2:/export", 12, SIZE, FELL, False),
    "it comes and goes": (
        MOVED,
        "request files2:/export",
        12,
        SIZE,
        [*FELL[:9], 4.1 * TIB, 0.74 * TIB, 0.74 * TIB],
        False,
    ),
    "of something else": ("OPS-12 done: purged 1,204,118 pictures", "ticket events", 2, ROWS, FEWER, False),
    "of nothing that is named": (
        "OPS-12 done: removed port 8080",
        "ticket events",
        2,
        ROWS,
        [9e3] * 8 + [9e2] * 7,
        False,
    ),
    "bytes, and no rows": ("OPS-12 done: purged 1.204 MB", "ticket events", 2, ROWS, FEWER, False),
    "nothing is left": (
        "OPS-12 done: purged 9,204,118 rows",
        "ticket events",
        2,
        ROWS,
        [9_204_118.0] * 8 + [0.0] * 7,
        False,
    ),
    "a round number": ("OPS-12 done: purged 1000000 rows", "ticket events", 2, ROWS, [9e6] * 8 + [8e6] * 7, False),
}


def _facts(name: str) -> Facts:
    said, head, hours, line, values, _ = TAKEN[name]
    points = [(BEGAN.timestamp() + 60 * (n - 8), value) for n, value in enumerate(values)]
    text = f"{head}: {said}"
    metric = Metric("E1", "other", f"{line}: it fell", points, None, datetime.fromtimestamp(points[8][0], UTC))
    fired = alert(labels={"host": "files2", "table": "events"}, annotations={})
    change = LogLine("E2", text, text, None, BEGAN - timedelta(hours=hours), 1)
    return Facts(case(alerts=[fired]), metrics=[metric], changes=[change])


@pytest.mark.parametrize("name", TAKEN)
def test_what_people_asked_to_take_away_accounts_for_what_fell(name: str):
    assert (accounted(_facts(name), []) is not None) == TAKEN[name][-1]


def test_it_accounts_for_nothing_else():
    facts = _facts("moved away")
    trouble = Sign("E5", "prometheus", "trouble", "strong", "errors: 0 → 9", "files2", BEGAN, "too many")
    assert accounted(facts, ["app_crash"]) is None
    assert accounted(replace(facts, signs=[trouble]), []) is None
