"""Which neighbour of the target changed, how, and since when: the cause of a victim's trouble is often another's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from agent_graph.sources.belonging import owner
from agent_graph.sources.courses import course
from agent_graph.sources.measure import Measure, now
from agent_graph.sources.measures import meanings
from agent_graph.sources.metric_evidence import NAME, sign
from agent_graph.sources.series import Series, change_at, describe
from agent_graph.sources.signs import stems
from backend.investigation.kinds import CaseFile, Evidence

_MOST = 8
_SLACK = timedelta(minutes=2)
# What exhausts a service comes before what its callers see of it.
_CAUSES = frozenset(
    "cpu_throttled cpu_steal cpu memory oom_events restarts disk pg_connections reason ready unavailable up"
    " memory_alarm disk_alarm quota clock disk_io gc swapping pool_waits network".split()
)
# What its trouble is by itself; what is only slow, gone or failing is a dependency that does not answer.
_NATURE = {
    "cpu_throttled": "cpu_throttling",
    "cpu_steal": "cpu_throttling",
    "cpu": "cpu_throttling",
    "memory": "memory_pressure",
    "gc": "memory_pressure",
    "swapping": "memory_pressure",
    "memory_alarm": "memory_pressure",
    "oom_events": "oom",
    "disk": "disk_pressure",
    "disk_io": "disk_pressure",
    "disk_alarm": "disk_pressure",
    "pg_connections": "connection_exhaustion",
    "pool_waits": "connection_exhaustion",
    "network": "network_error",
}
_SAID = {
    "cpu": "much more CPU than before",
    "cpu_throttled": "CPU throttled",
    "memory": "much more memory than before",
    "oom_events": "killed for memory",
    "pg_connections": "connections, sockets or file descriptors used up",
    "disk": "disk full",
    "disk_io": "disk busy",
    "network": "packets lost or sent again",
    "latency": "slow",
    "errors": "failing",
}
_USED = frozenset(("cpu", "memory", "disk_io", "gc", "swapping"))
_FULL = 0.9
_GROWN = 2.0


@dataclass(frozen=True)
class Change:
    """One neighbour's series that went bad. `factor`: how many times what it was."""

    who: str
    role: str
    line: str
    at: datetime | None
    factor: float

    @property
    def is_cause(self) -> bool:
        return self.role in _CAUSES


def evidence_of(case: CaseFile, others: Sequence[Series], start: datetime, end: datetime) -> list[Evidence]:
    """One piece of evidence: the neighbour that most likely began it first, with the sign of it."""
    found = sorted(_changes(case, others), key=_rank)[:_MOST]
    if not found:
        return []
    first = found[0]
    lines = [f"{c.who}: {c.role.replace('_', ' ')}: {c.line}" for c in found]
    since = f" since {first.at:%H:%M:%S}" if first.at else ""
    nature = _NATURE.get(first.role, "dependency_failure")
    how = _SAID.get(first.role, first.role.replace("_", " "))
    means = f"{first.who} is in trouble of its own ({how}{since})"
    return [
        Evidence(
            source=NAME,
            kind="metric",
            title="What changed around the target",
            query="the same series of what is around the target",
            window_start=start,
            window_end=end,
            summary=f"{means}.",
            content="\n".join(lines),
            data={
                "own": False,
                "signs": [sign(f"elsewhere:{nature}", "strong", lines[0], subject=first.who, at=first.at, means=means)],
            },
        )
    ]


def _rank(change: Change) -> tuple[bool, float]:
    """Exhaustion before slowness, then what grew most: a caller's latency holds its callee's and more besides."""
    return (not change.is_cause, -change.factor)


def _changes(case: CaseFile, others: Sequence[Series]) -> Iterable[Change]:
    groups: dict[str, dict[str, list[Series]]] = {}
    for one in others:
        if who := _workload(owner(one)):
            groups.setdefault(who, {}).setdefault(one.labels.get("__name__", "value"), []).append(one)
    for who, group in groups.items():
        for measure in meanings(case, group):
            for series in measure.series:
                if (factor := _wrong(case, measure, series)) > 0:
                    at = change_at(series)
                    moment = datetime.fromtimestamp(at, UTC) if at else None
                    if moment is None or moment >= case.started_at - timedelta(minutes=30):
                        yield Change(who, measure.role, describe(series, measure.unit, measure.limit), moment, factor)


def _workload(name: str) -> str:
    """A pod's workload; everything else is called what it is called."""
    return (stems(name) or [name])[0]


def _wrong(case: CaseFile, measure: Measure, series: Series) -> float:
    """How many times worse than before; 0 where nothing is wrong, or where it always was."""
    before = [v for at, v in series.points if at < case.started_at.timestamp() - _SLACK.total_seconds()]
    usual = median(before or [series.points[0][1]])
    if measure.bad is not None:
        return 1.0 + now(series) if measure.bad(now(series)) and not measure.bad(usual) else 0.0
    if measure.role in ("restarts", "oom_events"):
        return series.last if series.last >= 1 and usual < series.last else 0.0
    if measure.limit:
        return now(series) / max(usual, 1e-9) if now(series) >= _FULL * measure.limit > usual else 0.0
    if now(series) >= measure.floor and (measure.rising_is_bad or measure.role in _USED):
        return now(series) / max(abs(usual), 1e-3) if course(series, case.started_at) == "raised" else 0.0
    return 0.0
