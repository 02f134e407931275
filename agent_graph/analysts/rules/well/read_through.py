"""A disk that is busy because a backup reads it from end to end: only reads rose, and nobody is served later."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.upkeep import work_of
from backend.investigation.kinds import Category

_BUSY = re.compile(
    r"(?:disk|device|volume|nvme\w*|\bsd[a-z]\b|storage)[^.]{0,40}(?:saturat|busy|util|\bi/?o\b|read|throughput|iops)"
    r"|\bio.?(?:wait|util|saturat)|disk.?io|IO(?:Util|Saturat|Wait|High)",
    re.IGNORECASE,
)
_FULL = re.compile(r"\bfull\b|space|inode|free|SMART|fail", re.IGNORECASE)
_OF_DISK = re.compile(r"disk|device|\bio_|_io\b|iops|blkio|ebs|volume", re.IGNORECASE)
_READ = re.compile(r"_read|reads?_|read(?:ops|bytes)", re.IGNORECASE)
_WRITTEN = re.compile(r"writ", re.IGNORECASE)
_BACKUP = re.compile(
    r"\bback(?:ing )?-?ups?\b|pgbackrest|barman|basebackup|restic|\bborg\b|xtrabackup|mariabackup|mysqldump|pg_dump"
    r"|mongodump|velero|bacula|bareos|duplicity|veeam|\btar:|rsnapshot",
    re.IGNORECASE,
)
# Whether users wait is what these tell.
_USERS = ("latency", "errors", "few_errors", "success", "pool_waits")
_NOW, _SAME_TIME, _LEAST = timedelta(minutes=3), timedelta(minutes=4), 3


def read_through(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Every alert is of the busy disk, reads rose as it came and writes did not, a backup tells what it reads up to
    now, and what users wait for is measured and as ever."""
    told = [f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts]
    if likely or not told or not all(_BUSY.search(text) and not _FULL.search(text) for text in told):
        return None
    disk = [m for m in facts.metrics if _OF_DISK.search(m.line.partition(": ")[0]) and m.change_at is not None]
    reads = [m for m in disk if _READ.search(m.name) and m.last > m.points[0][1]]
    own = {metric.cite().quote for metric in disk}
    if not reads or any(cite.quote not in own for cite in trouble_signals(facts)) or complains(facts):
        return None
    if not all(
        abs(m.change_at - r.change_at) <= _SAME_TIME for m in disk for r in reads if m.change_at and r.change_at
    ):
        return None
    # What is measured to read it is no backup, whoever else tells of one.
    if any(_WRITTEN.search(metric.name) for metric in disk) or work_of(facts) is not None:
        return None
    at_work, served = _at_work(facts), _as_ever(facts)
    if len(at_work) < _LEAST or not served:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is read for a backup, and nobody waits for it: {said(at_work[-1], 200)};"
        f" {reads[0].line[:200]}.",
        supporting=[
            reads[0].cite("only reads rose"),
            at_work[-1].cite("a backup reads"),
            *(metric.cite("users are served as ever") for metric in served[:3]),
        ],
        strength="strong",
        disproof="Look again when the backup is through: busy then, or users who wait before, would be an incident.",
    )


def _at_work(facts: Facts) -> list[LogLine]:
    """What a backup says of its work, up to now."""
    lines = [line for line in [*facts.usual, *facts.lines, *facts.around] if not line.is_bad and line.at is not None]
    found = [line for line in lines if _BACKUP.search(line.message)]
    found.sort(key=lambda line: line.at or facts.case.now)
    return found if found and found[-1].at and facts.case.now - found[-1].at <= _NOW else []


def _as_ever(facts: Facts) -> list[Metric]:
    """Measures of those who are served; none where one of them is not as it was."""
    well = {sign.cite().quote for sign in facts.signs_of("healthy", "strong")}
    users = [metric for metric in facts.metrics if metric.role in _USERS]
    return users if all(metric.cite().quote in well for metric in users) else []
