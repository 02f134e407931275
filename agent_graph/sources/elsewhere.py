"""Which neighbour of the target changed, how, and since when: the cause of a victim's trouble is often another's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from agent_graph.sources.belonging import owner, split
from agent_graph.sources.courses import WAITED, before, course
from agent_graph.sources.histograms import latencies, stem_of
from agent_graph.sources.measure import Measure, now
from agent_graph.sources.measures import meanings
from agent_graph.sources.metric_evidence import NAME, POINTS, sign
from agent_graph.sources.series import Series, change_at, describe, thin
from agent_graph.sources.signs import belongs, stems
from agent_graph.sources.surroundings import names_of
from agent_graph.wording import clock
from backend.investigation.kinds import CaseFile, Evidence

_MOST = 8
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
# Of what has no limit, so much more is the least that anybody else would notice: cores, bytes.
_LEAST_GROWN = {"cores": 0.1, "bytes": 32 * 2.0**20}


@dataclass(frozen=True)
class Change:
    """One neighbour's series that went bad. `factor`: how many times what it was."""

    who: str
    measure: Measure
    series: Series
    at: datetime | None
    factor: float
    needed: bool

    @property
    def role(self) -> str:
        return self.measure.role

    @property
    def is_cause(self) -> bool:
        return self.role in _CAUSES

    @property
    def line(self) -> str:
        return describe(self.series, self.measure.unit, self.measure.limit)


def foreign(case: CaseFile, series: Sequence[Series]) -> list[Series]:
    """Of what was found around the target, what is not its own; latencies out of what only counts them."""
    by_name: dict[str, list[Series]] = {}
    done = {one.labels.get("pod") for one in series if one.labels.get("reason") == "Completed" and one.last == 1}
    for one in series:
        name = one.labels.get("__name__", "value")
        # What has done its work is not ready any more, and nothing is wrong with it.
        over = name == "kube_pod_container_status_ready" and one.labels.get("pod") in done
        if not over and split(case, [one], strictly=True)[1]:
            by_name.setdefault(name, []).append(one)
    made, used = latencies(by_name)
    return [*made, *(one for name, group in by_name.items() if name not in used for one in group)]


def evidence_of(
    case: CaseFile,
    others: Sequence[Series],
    start: datetime,
    end: datetime,
    queries: Mapping[str, str] | None = None,
) -> list[Evidence]:
    """One piece of evidence: the neighbour that most likely began it first, with the sign of it.

    `queries`: by name, what asked for it.
    """
    found = _held_back_first(sorted(_changes(case, others), key=_rank)[:_MOST])
    if not found:
        return []
    first = found[0]
    lines = [f"{c.who}: {c.role.replace('_', ' ')}: {c.line}" for c in found]
    since = f" since {clock(first.at)}" if first.at else ""
    nature = _NATURE.get(first.role, "dependency_failure")
    how = _SAID.get(first.role, first.role.replace("_", " "))
    means = f"{first.who} is in trouble of its own ({how}{since})"
    return [
        Evidence(
            source=NAME,
            kind="metric",
            title="What changed around the target",
            query=_asked(found, queries) if queries else "the same series of what is around the target",
            window_start=start,
            window_end=end,
            summary=f"{means}.",
            content="\n".join(lines),
            data={
                "own": False,
                "role": "around",
                "series": [{"labels": first.series.labels, "points": thin(first.series, POINTS)}],
                "unit": first.measure.unit,
                "limit": first.measure.limit,
                "change_at": first.at.timestamp() if first.at else None,
                "signs": [sign(f"elsewhere:{nature}", "strong", lines[0], subject=first.who, at=first.at, means=means)],
            },
        )
    ]


def _asked(found: Sequence[Change], queries: Mapping[str, str]) -> str:
    """The queries behind what is told, each once."""
    names = (change.series.labels.get("__name__", "value") for change in found)
    asked = (queries.get(name) or queries.get(stem_of(name), "") for name in names)
    return "\n".join(dict.fromkeys(query for query in asked if query))


def _held_back_first(found: list[Change]) -> list[Change]:
    """That its limit holds it back says more of the same neighbour than how much CPU it uses."""
    held = [c for c in found if found[0].role == "cpu" and c.role == "cpu_throttled" and c.who == found[0].who]
    return [*held[:1], *(c for c in found if c not in held[:1])]


def _rank(change: Change) -> tuple[bool, bool, float]:
    """Exhaustion before slowness, what the target needs before what it may, then what grew most.

    A caller's latency holds its callee's and more besides.
    """
    return (not change.is_cause, not change.needed, -change.factor)


def _changes(case: CaseFile, others: Sequence[Series]) -> Iterable[Change]:
    groups: dict[str, dict[str, list[Series]]] = {}
    for one in others:
        if who := _workload(owner(one)):
            groups.setdefault(who, {}).setdefault(one.labels.get("__name__", "value"), []).append(one)
    needs = [name for need in case.needs for name in names_of(need)]
    for who, group in groups.items():
        for measure in meanings(case, group):
            for series in measure.series:
                if (factor := _wrong(case, measure, series)) > 0:
                    at = change_at(series)
                    moment = datetime.fromtimestamp(at, UTC) if at else None
                    if moment is None or moment >= case.started_at - WAITED:
                        yield Change(who, measure, series, moment, factor, belongs(who, needs))


def _workload(name: str) -> str:
    """A pod's workload; everything else is called what it is called."""
    return (stems(name) or [name])[0]


def _wrong(case: CaseFile, measure: Measure, series: Series) -> float:
    """How many times worse than before; 0 where nothing is wrong, or where it always was."""
    usual = median(before(series, case.started_at, falls=measure.bad is not None) or [series.points[0][1]])
    if measure.bad is not None:
        return 1.0 + now(series) if measure.bad(now(series)) and not measure.bad(usual) else 0.0
    if measure.role in ("restarts", "oom_events"):
        return series.last if series.last >= 1 and usual < series.last else 0.0
    if measure.limit:
        return now(series) / max(usual, 1e-9) if now(series) >= _FULL * measure.limit > usual else 0.0
    if now(series) - usual < _LEAST_GROWN.get(measure.unit, 0.0):
        return 0.0
    if now(series) >= measure.floor and (measure.rising_is_bad or measure.role in _USED):
        # Noise rises, too; what began something stepped away from its past.
        stepped = change_at(series) is not None and course(series, case.started_at) == "raised"
        return now(series) / max(abs(usual), 1e-3) if stepped else 0.0
    return 0.0
