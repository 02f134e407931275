"""Sorts evidence into the facts that signatures ask about."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from agent_graph.analysts.rules.engine import signs_of_events, signs_of_state
from agent_graph.analysts.rules.facts import QUOTE_LIMIT, Container, Facts, LogLine, Metric, Monitor, Sign
from agent_graph.analysts.rules.faults import signs_of_faults
from agent_graph.analysts.rules.refusals import signs_of_requests
from agent_graph.analysts.rules.regular_runs import with_regular_runs, with_renewals
from agent_graph.analysts.rules.work_done import with_work_done
from agent_graph.logs.lines import STREAM, Level, level_of, parse, time_of
from agent_graph.logs.templates import template_of
from backend.investigation.kinds import CaseFile, Citation, Evidence
from backend.investigation.names import known_names


def read(case: CaseFile, evidence: Sequence[Evidence]) -> Facts:
    """Sorts the evidence into facts. What a source could not answer is no fact."""
    answered = [found for found in evidence if not found.error]
    logs = [found for found in answered if found.kind == "log" and found.content and found.data.get("own") is not False]
    around = [found for found in answered if found.kind == "log" and found.data.get("own") is False]
    engine = [found for found in answered if found.source == "docker" and found.kind == "event"]
    history = [found for found in answered if found.source == "monitor_history" and found.kind == "history"]
    containers = [c for found in answered if (c := _container(found))]
    events = [line for found in engine for line in _log_lines(found)]
    requests = {f.label: f.data["requests"] for f in logs if f.data.get("requests")}
    lines = [line for found in logs for line in _log_lines(found)]
    containers = [with_renewals(with_regular_runs(one, events, case.now), events) for one in containers]
    containers = [with_work_done(one, lines) for one in containers]
    beside = [line for found in around for line in _log_lines(found)]
    return Facts(
        case=case,
        lines=lines,
        containers=containers,
        metrics=[m for found in answered for m in _metrics(found)],
        monitor=_monitor(history[0]) if history else None,
        events=events,
        absent=next((Citation(evidence=f.label, quote=f.summary) for f in answered if "absent" in f.data), None),
        log_evidence=len(logs),
        around=beside,
        signs=[
            *(sign for found in answered for sign in _signs(found)),
            *_of_engine(containers, events),
            *signs_of_faults(containers, events, beside),
            *signs_of_requests(requests, lines),
        ],
        platform=_platform(answered),
        scope=frozenset(name for found in answered for name in found.data.get("scope", [])),
        requests=requests,
        heard_until=max((datetime.fromisoformat(f.data["span"][1]) for f in logs if f.data.get("span")), default=None),
        heard_since=min((f.window_start for f in logs if f.window_start), default=None),
        changes=[line for found in answered if found.source == "changes" for line in _log_lines(found)],
        alert=next((_alert(found) for found in answered if found.source == "alert" and found.data.get("firing")), None),
        known=known_names(answered).union(case.needs, (line.speaker for line in beside if line.speaker)),
    )


def _platform(answered: Sequence[Evidence]) -> dict[str, Any]:
    platform: dict[str, Any] = {}
    for found in answered:
        if found.source in ("kubernetes", "postgres", "changes"):
            platform.update({key: value for key, value in found.data.items() if key not in ("signs", "scope")})
    return platform


def _of_engine(containers: Sequence[Container], events: Sequence[LogLine]) -> list[Sign]:
    states = [sign for container in containers for sign in signs_of_state(container)]
    return states if any(c.data.get("of_target") for c in containers) else [*states, *signs_of_events(events)]


def _signs(found: Evidence) -> Iterable[Sign]:
    for one in found.data.get("signs", []):
        at = datetime.fromisoformat(one["at"]) if one.get("at") else None
        yield Sign(
            *(
                found.label,
                found.source,
                one["category"],
                one["weight"],
                one["quote"],
                one["subject"],
                at,
                one["means"],
            ),
            used=bool(one.get("used")),
        )


def _alert(found: Evidence) -> Citation:
    return Citation(evidence=found.label, quote=found.content.split("\n", 1)[0][:QUOTE_LIMIT], note="the alert fires")


def _log_lines(found: Evidence) -> Iterable[LogLine]:
    counts = {t["template"]: int(t["count"]) for t in found.data.get("templates", [])}
    at: datetime | None = None
    level: Level | None = None
    for text in found.content.split("\n"):
        if not text.strip() or text.startswith("⋯"):
            continue
        own = time_of(text)
        at = own or at
        # A line of a trace is as bad as the line it belongs to.
        level = level_of(text) or (level if own is None and level in ("error", "fatal") else None)
        tag = STREAM.match(text) if found.data.get("own") is False else None
        speaker = str(found.data.get("speaker") or (tag[2] if tag else ""))
        message = parse(STREAM.sub(r"\1", text) if tag else text).message
        yield LogLine(found.label, text, message, level, at, counts.get(template_of(text)[:200], 1), speaker)


def _container(found: Evidence) -> Container | None:
    if found.kind != "state" or "container" not in found.data:
        return None
    quotes = {line.split(":", 1)[0]: line for line in found.content.split("\n") if ":" in line}
    return Container(found.label, found.data, quotes)


def _metrics(found: Evidence) -> Iterable[Metric]:
    if found.kind != "metric":
        return
    lines = found.content.split("\n")
    change = found.data.get("change_at")
    for series, line in zip(found.data.get("series", []), lines, strict=False):
        points = [(float(at), float(value)) for at, value in series["points"] if value is not None]
        if points:
            changed = datetime.fromtimestamp(change, UTC) if change else None
            yield Metric(found.label, str(found.data.get("role", "")), line, points, found.data.get("limit"), changed)


def _monitor(found: Evidence) -> Monitor:
    since, last_up = found.data.get("down_since"), found.data.get("last_up")
    return Monitor(
        evidence=found.label,
        status=str(found.data.get("status", "")),
        failed=int(found.data.get("failed", 0)),
        checks=int(found.data.get("checks", 0)),
        latest=list(found.data.get("latest", [])),
        down_since=datetime.fromisoformat(since) if since else None,
        last_up=datetime.fromisoformat(last_up) if last_up else None,
        lines=found.content.split("\n"),
    )
