"""Sources that answer from a scenario's files as the live ones would: same shapes, same windows, same caps."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from agent_graph.deps import Ask, Source, Tool
from agent_graph.evaluation import recorded_docker
from agent_graph.evaluation.scenario import Scenario
from agent_graph.logs.digest import digest
from agent_graph.logs.turns import in_turn
from agent_graph.safety.evidence import safe_log
from agent_graph.sources import changes, elsewhere, renewals
from agent_graph.sources.alert import AlertSource
from agent_graph.sources.asking import BEFORE, WIDER, attempt, window
from agent_graph.sources.kubernetes import state as kubernetes
from agent_graph.sources.measures import sort
from agent_graph.sources.metric_evidence import evidence_of as metric_evidence
from agent_graph.sources.monitor_history import MonitorHistorySource
from agent_graph.sources.postgres import state as postgres
from agent_graph.sources.registry import Sources
from agent_graph.sources.series import Series, parse_matrix
from agent_graph.sources.signs import UNIT, aliases, belongs, when
from backend.investigation.kinds import CaseFile, Evidence, EvidenceKind

_SECONDS = 10.0
_STREAM = ("pod", "container", "container_name", "app", "service", "service_name", "name", "job", "deployment", "unit")
# What says where a stream comes from, and not whose it is.
_PLACE = re.compile(
    r"namespace|cluster|project|env|region|zone|team|tenant|level|severity|stream|facility|file|image|source|logger",
    re.IGNORECASE,
)
_MACHINE = re.compile(r"host|node|instance|server|machine", re.IGNORECASE)
_PROJECT, _PART = re.compile(r"compose[_.]project$"), re.compile(r"compose[_.]service$")
_MOST_SPEAKERS = 8
_LAST_WORDS = 300
_MANY_SERIES = 1_000
# More are not read line by line within the time that a source has.
_MOST_LINES = 120_000
_TROUBLE = re.compile(
    r"error|fatal|panic|exception|critical|warn|fail|refused|timed? ?out|killed|denied", re.IGNORECASE
)

Answer = Callable[[CaseFile, Ask], list[Evidence]]


@dataclass(frozen=True)
class Recorded:
    """One source. `widens`: it has more to say about a longer window."""

    name: str
    kind: EvidenceKind
    answers: Answer
    widens: bool = False
    tools: Sequence[Tool] = ()

    def first(self, case: CaseFile) -> list[Ask]:
        """Always asked once."""
        return [Ask(source=self.name, what="recorded")]

    def wider(self, case: CaseFile) -> list[Ask]:
        """Further back, where that can tell more."""
        minutes = int(WIDER.total_seconds() // 60)
        return [Ask(source=self.name, what="recorded", args={"minutes_before": minutes})] if self.widens else []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """A file that cannot be understood is evidence that says so."""
        found: list[Evidence] = []
        blank = Evidence(
            source=self.name, kind=self.kind, title=f"Recorded {self.name}", query=f"{self.name} of the scenario"
        )

        async def read() -> Evidence:
            found.extend(await asyncio.to_thread(self.answers, case, ask))
            return blank

        tried = await attempt(blank, read(), _SECONDS)
        return [tried] if tried.error else found


def sources_of(scenario: Scenario) -> Sources:
    """What the scenario recorded; the rest is named as missing."""
    present: dict[str, Source] = {"alert": AlertSource(), "monitor_history": MonitorHistorySource()}
    absent: list[str] = list(scenario.unreadable)

    def add(name: str, kind: EvidenceKind, recorded: bool, answers: Answer, *, widens: bool = False) -> None:
        if recorded:
            present[name] = cast(Source, Recorded(name, kind, answers, widens))
        else:
            absent.append(f"{name}: not recorded")

    add(
        "loki",
        "log",
        scenario.logs is not None,
        lambda case, ask: [*_logs(scenario, case, ask), *_renewals(scenario, case, ask)],
        widens=True,
    )
    add("prometheus", "metric", scenario.metrics is not None, lambda case, _: _metrics(scenario, case))
    documents = list(scenario.kubernetes.values())
    kept = {name: _kept(files) for name, files in _by_source(scenario).items()}
    add(
        "kubernetes",
        "state",
        bool(documents),
        lambda case, _: [*kept["kubernetes"], *kubernetes.evidence_of(case, documents, "kubectl get -o json")],
    )
    add(
        "docker",
        "state",
        bool(scenario.docker or scenario.docker_events),
        lambda case, _: [
            *kept["docker"],
            *recorded_docker.evidence_of(case, scenario.docker, scenario.docker_events),
        ],
    )
    rows = {name: file for name, file in scenario.postgres.items() if not _is_kept(file)}
    add(
        "postgres",
        "state",
        bool(scenario.postgres),
        lambda case, _: [*kept["postgres"], *postgres.evidence_of(case, rows, ", ".join(rows))],
    )
    listed = scenario.changes
    add("changes", "history", listed is not None, lambda case, _: changes.evidence_of(case, listed or [], "changes"))
    return Sources(present, absent)


def _by_source(scenario: Scenario) -> dict[str, list[Any]]:
    groups = {"kubernetes": scenario.kubernetes, "docker": scenario.docker, "postgres": scenario.postgres}
    return {name: list(files.values()) for name, files in groups.items()}


def _is_kept(document: Any) -> bool:
    return isinstance(document, dict) and "evidence" in document


def _kept(documents: Sequence[Any]) -> list[Evidence]:
    """What an incident of ours found, as it was read then: of an export, where the objects themselves are gone."""
    return [Evidence.model_validate(row) for one in documents if _is_kept(one) for row in one["evidence"]]


def _logs(scenario: Scenario, case: CaseFile, ask: Ask) -> list[Evidence]:
    """The target's lines in the window, and apart from them those of the streams around it.

    Where no stream bears the target's name, the query that was recorded chose them all for it: each speaks for itself.
    """
    minutes = ask.args.get("minutes_before")
    start, end = window(case, timedelta(minutes=float(str(minutes))) if minutes else BEFORE)
    known = aliases(case)
    rows = [(when(row.get("ts")), row) for row in _telling(scenario.logs or [])]
    streams = {str(row.get("labels")): row for _, row in rows}
    owned = ({name for name, row in streams.items() if _is_own(row, known, of)} for of in (_names, _machines))
    if not (mine := next((names for names in owned if names), set[str]())):
        return _speakers(rows, start, end)
    own = [pair for pair in rows if str(pair[1].get("labels")) in mine]
    inside = _inside(own, start, end) or sorted(own, key=_at)[-_LAST_WORDS:]
    around = _inside([pair for pair in rows if str(pair[1].get("labels")) not in mine], start, end)
    found = [_log_evidence("Logs of the target", inside, start, end, own=True)] if inside else []
    return found + ([_log_evidence("Logs of what is around it", around, start, end, own=False)] if around else [])


def _renewals(scenario: Scenario, case: CaseFile, ask: Ask) -> list[Evidence]:
    """Asked once, as the live source asks it."""
    if ask.args.get("minutes_before") or not renewals.is_about(case):
        return []
    rows = [(when(row.get("ts")), row) for row in _telling(scenario.logs or [])]
    told = [pair for pair in _inside(rows, *renewals.span(case)) if renewals.tells(str(pair[1].get("line", "")))]
    stamped = [
        f"{at:%Y-%m-%dT%H:%M:%S.%fZ} [{_stream(r)}] {r.get('line', '')}" for at, r in sorted(told, key=_at) if at
    ]
    return [renewals.evidence("loki", "{streams around the target}", case, stamped)] if stamped else []


_Rows = list[tuple[datetime | None, dict[str, Any]]]


def _inside(rows: _Rows, start: datetime, end: datetime) -> _Rows:
    return [pair for pair in rows if pair[0] is None or start <= pair[0] <= end]


def _speakers(rows: _Rows, start: datetime, end: datetime) -> list[Evidence]:
    """One piece of evidence for each who speaks, most lines first; very many are one chorus."""
    groups: dict[str, _Rows] = {}
    for pair in rows:
        groups.setdefault(_stream(pair[1]), []).append(pair)
    if len(groups) > _MOST_SPEAKERS:
        groups = {"": rows}
    found: list[Evidence] = []
    for who, said in sorted(groups.items(), key=lambda group: -len(group[1])):
        inside = _inside(said, start, end) or (sorted(said, key=_at)[-_LAST_WORDS:] if len(groups) == 1 else [])
        if inside:
            title = f"Logs of {who}" if len(groups) > 1 else "Logs of the target"
            one = _log_evidence(title, inside, start, end, own=True)
            found.append(one.model_copy(update={"data": {**one.data, "speaker": who}}))
    return found


def _telling(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All of them; of very many the first, the last, and those that tell trouble, as the live source filters them."""
    if len(rows) <= _MOST_LINES:
        return rows
    half = _MOST_LINES // 4
    middle = [row for row in rows[half:-half] if _TROUBLE.search(str(row.get("line", ""))[:2000])]
    return [*rows[:half], *middle[: _MOST_LINES // 2], *rows[-half:]]


def _at(pair: tuple[datetime | None, dict[str, Any]]) -> datetime:
    return pair[0] or datetime.min.replace(tzinfo=UTC)


def _told(pair: tuple[datetime | None, dict[str, Any]]) -> tuple[float, str]:
    return pair[0].timestamp() if pair[0] else 0.0, str(pair[1].get("labels"))


def _is_own(row: dict[str, Any], known: list[str], of: Callable[[dict[str, Any]], list[str]]) -> bool:
    labels: Any = row.get("labels")
    if not isinstance(labels, dict) or not labels:
        return True
    return any(belongs(name, known) for name in of(cast(dict[str, Any], labels)))


def _names(labels: dict[str, Any]) -> list[str]:
    """Whom the labels name, whatever the collector calls them; Compose calls a container by project and service."""
    found = [
        str(value).lstrip("/") for key, value in labels.items() if not _PLACE.search(key) and not _MACHINE.search(key)
    ]
    found += [kept[1] for name in found if (kept := UNIT.match(name))]
    project = next((str(value) for key, value in labels.items() if _PROJECT.search(key)), "")
    part = next((str(value) for key, value in labels.items() if _PART.search(key)), "")
    return [*found, *([f"{project}-{part}", f"{project}_{part}"] if project and part else [])]


def _machines(labels: dict[str, Any]) -> list[str]:
    """Where it is said, without port and domain: of a machine, all that is said on it is its own."""
    found = [str(value).rsplit(":", 1)[0] for key, value in labels.items() if _MACHINE.search(key)]
    return [*found, *(name.split(".")[0] for name in found)]


def _log_evidence(title: str, rows: _Rows, start: datetime, end: datetime, *, own: bool) -> Evidence:
    lines: list[str] = []
    for at, row in in_turn(rows, _told):
        stream = "" if own else f"[{_stream(row)}] "
        stamp = f"{at:%Y-%m-%dT%H:%M:%S.%fZ} " if at else ""
        first, *rest = str(row.get("line", "")).split("\n")
        lines += [f"{stamp}{stream}{first}", *(f"    {more}" for more in rest if more.strip())]
    found = digest(safe_log("\n".join(lines).encode("utf-8", "replace")))
    return Evidence(
        source="loki",
        kind="log",
        title=title,
        query='{target} |= ""' if own else "{streams around the target}",
        window_start=start,
        window_end=end,
        summary=found.summary,
        content=found.content,
        data={**found.data, "own": own},
        truncated=found.kept < found.lines,
    )


def _stream(row: dict[str, Any]) -> str:
    labels = cast(dict[str, Any], row.get("labels") or {})
    known = next((str(labels[key]) for key in ("app", "service", *_STREAM) if labels.get(key)), "")
    told = [str(value).lstrip("/") for key, value in labels.items() if value and not _PLACE.search(key)]
    return known or min(told, key=len, default="unknown")


def _metrics(scenario: Scenario, case: CaseFile) -> list[Evidence]:
    raw = scenario.metrics
    if _is_kept(raw):
        return _kept([raw])
    document: Any = raw if isinstance(raw, dict) and "data" in raw else {"data": {"result": _matrix(raw)}}
    start, end = window(case, WIDER)
    series: list[Series] = []
    # The reader takes the first ones only: the target's own come before what is around it.
    rows, known = cast(list[Any], document["data"]["result"]), aliases(case)
    own_first = sorted(rows, key=lambda row: not _of_target(row, known)) if len(rows) > _MANY_SERIES else rows
    for one in parse_matrix({"data": {"result": own_first}}):
        points = sorted((at, v) for at, v in one.points if at <= case.now.timestamp() + 60)
        if points:
            series.append(Series(one.labels, points))
    found = sort(case, series)
    return [*metric_evidence(case, found.own, start, end), *elsewhere.evidence_of(case, found.others, start, end)]


def _of_target(row: Any, known: list[str]) -> bool:
    labels: Any = row.get("metric") if isinstance(row, dict) else None
    values = cast(dict[str, Any], labels).values() if isinstance(labels, dict) else ()
    return any(belongs(str(value), known) for value in values)


def _matrix(raw: Any) -> list[Any]:
    rows: list[Any] = (
        cast(list[Any], raw) if isinstance(raw, list) else list(cast(dict[str, Any], raw).get("result", []))
    )
    return [{"metric": row.get("metric", {}), "values": row.get("values") or [row["value"]]} for row in rows]
