"""A disk that a backup reads from end to end is no trouble, as long as only reads rose and users are served as ever."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.all_well import all_well
from agent_graph.analysts.rules.well.read_through import read_through
from tests.agent_graph.cases import NOW, alert, case

SINCE = NOW - timedelta(minutes=40)
COPIES = "INFO: backup file /srv/pg/base/{n} (1GB)"


def _metric(role: str, line: str, values: Sequence[float], moved: float | None = None) -> Metric:
    points = [(NOW.timestamp() - 300 * n, value) for n, value in enumerate(reversed(values))]
    at = SINCE + timedelta(minutes=moved) if moved is not None else None
    return Metric("E5", role, f"{line}: {values[0]:g} → {values[-1]:g}", points[::-1], None, at)


def _facts(
    said: str = COPIES, until: float = 0, written: float | None = None, slower: bool = False, told: str = "busy 97 %"
) -> Facts:
    jumped = (*[1.0] * 4, *[40.0] * 8)
    busy = _metric("other", 'node_disk_io_time{device="sda"}', (*[0.1] * 4, *[0.97] * 8), 1)
    reads = _metric("other", 'node_disk_read_bytes{device="sda"}', jumped, 0)
    writes = _metric("other", 'node_disk_written_bytes{device="sda"}', jumped if written else [9.0] * 12, written)
    users = _metric("latency", 'http_request_duration:p95{job="web"}', [0.1] * 12)
    well = [] if slower else [Sign("E5", "prometheus", "healthy", "strong", users.line, "web", None, "as before")]
    moments = [NOW - timedelta(minutes=until + n) for n in range(6)]
    log = [LogLine("E2", f"{at} {said}", said.format(n=at.minute), "info", at, 200) for at in moments]
    fires = alert(name="HostDiskSaturated", annotations={"summary": f"Disk sda {told}"})
    return replace(Facts(case(alerts=[fires]), signs=well, metrics=[busy, reads, writes, users]), usual=log)


def test_a_disk_that_is_read_for_a_backup_is_no_trouble():
    found = all_well(_facts(), [])
    assert found is not None
    assert "read for a backup" in found.statement


@pytest.mark.parametrize(
    "facts",
    [
        # No backup, or none any more; more is written, too; users wait; or it is about room, not about work.
        _facts("INFO: served /img/{n}"),
        _facts(until=20),
        _facts(written=0.5),
        _facts(slower=True),
        _facts(told="is full, 97 % used"),
    ],
)
def test_what_a_backup_does_not_bring_is_not_reasoned_away(facts: Facts):
    assert read_through(facts, []) is None


def test_an_array_that_is_checked_is_not_read_for_the_backup_that_is_told_of():
    facts = _facts()
    check = _metric("other", 'node_md_state{device="md0", state="check"}', (*[0.0] * 4, *[1.0] * 8), 0)
    assert read_through(replace(facts, metrics=[*facts.metrics, check]), []) is None


def test_slow_statements_beside_it_are_not_explained():
    assert read_through(_facts(), ["slow_query"]) is None
