"""What several signatures need: the state behind a log line, the first and the decisive of many lines."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.of_data import of_data
from agent_graph.analysts.rules.run_flags import failed_end
from agent_graph.logs.templates import template_of
from agent_graph.sources.docker.evidence import HEALTH_CHECK
from agent_graph.sources.metric_evidence import UNCHANGED
from backend.investigation.kinds import Citation
from backend.redaction.clean import one_line


def trouble_signals(facts: Facts) -> list[Citation]:
    """What, besides log lines, says that the target is not well: its state, its monitor, its metrics."""
    found: list[Citation] = []
    container = facts.target
    if container is not None and not container.running and not container.finished:
        found.append(container.cite("status", "the container does not run"))
    elif container is not None and container.health == "unhealthy":
        found.append(container.cite("health", "its health check fails"))
        printed = [line for line in facts.lines if line.speaker == HEALTH_CHECK]
        found += [printed[-1].cite("its health check printed")] if printed else []
    elif container is not None and container.looping:
        found.append(container.cite("RestartCount", "it keeps restarting"))
    if facts.monitor is not None and facts.monitor.down:
        found += [failure] if (failure := facts.monitor.cite_failure()) else []
    for role in ("up", "probe"):
        metric = facts.metric(role)
        if metric is not None and metric.last == 0:
            found.append(metric.cite("the last value says it is down"))
    failed = failed_end(facts)
    found += [failed.cite("its last run failed")] if failed is not None else []
    found += [s.cite() for s in facts.signs_of("trouble", "strong")]
    found += [
        s.cite() for s in facts.signs if s.source == "postgres" and s.category != "healthy" and s.weight != "weak"
    ][:2]
    return found


# What only a measurement can say, as alerts are called and described.
_OF_A_MEASURE = re.compile(
    r"latency|slow|duration|response.?time|\bp\d\d\b|p\d\d[A-Z]|quantile|per.(?:second|minute|hour)"
    r"|error.?(?:rate|ratio|budget)|5xx|burn|throttl|cpu|memory|heap|watermark|queue|backlog|lag|ratio|saturat"
    r"|target.?down|time-?outs?",
    re.IGNORECASE,
)


def blind(facts: Facts) -> bool:
    """Do the measurements that would tell miss the very time that it is about, was nothing measured at all, or is it
    about what none of them tells?"""
    if of_data(facts):
        return True
    told = " ".join(f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts[:1])
    own = ("prometheus", "postgres") if facts.case.target.source_type == "database" else ("prometheus",)
    measured = facts.metrics or facts.monitor or any(s.source in own for s in facts.signs)
    if not measured and _OF_A_MEASURE.search(told):
        return True
    seen = [s for s in facts.signs_of("healthy", "strong") if s.source == "prometheus" and s.means.endswith(UNCHANGED)]
    return bool(facts.signs_of("blind")) and not seen


# What begins a stack trace says only that one follows; so does a heading over what went wrong.
_BEGINS_TRACE = re.compile(
    r"\s*(?:\[?(?:error|fatal|critical|severe|warn(?:ing)?)\]?:?\s{1,4})?"
    r"(?:Traceback \(most recent call last\):|throw er;.{0,60}|goroutine \d+ \[.{0,40}|\[?stack ?trace\]?:?|\^"
    r"|[|>+ ]{0,4}(?:error making API request\.|Code: \d{3}\. Errors:"
    r"|(?:[\w.]{1,40}[: ]{1,2}){0,6}errors?(?: \w{1,20}){0,3}[:=]))\s*",
    re.IGNORECASE,
)


def says_nothing(line: LogLine) -> bool:
    """Does it only begin a stack trace, whose other lines say what happened?"""
    return _BEGINS_TRACE.fullmatch(line.message) is not None


def decisive(lines: Sequence[LogLine]) -> LogLine:
    """The line that says it best: fatal before error before the rest, then the first in time."""
    order = {"fatal": 0, "error": 1, "warning": 2, None: 2, "info": 3, "debug": 4}
    return min(lines, key=lambda line: (says_nothing(line), order[line.level]))


def log_citations(lines: Sequence[LogLine], most: int = 3) -> list[Citation]:
    """The decisive line first, then the first of the other kinds of line."""
    first = decisive(lines)
    quotes = {template_of(first.text): first.cite(times(first))}
    for line in lines:
        if len(quotes) < most and not says_nothing(line):
            quotes.setdefault(template_of(line.text), line.cite(times(line)))
    return list(quotes.values())


def times(line: LogLine) -> str:
    """How often it was said, when that is more than once."""
    return f"{line.count:,} times" if line.count > 1 else ""


def onset(*moments: datetime | None) -> datetime | None:
    """The first of those that are known."""
    return min((at for at in moments if at is not None), default=None)


def first_at(lines: Iterable[LogLine]) -> datetime | None:
    return onset(*(line.at for line in lines))


def said(line: LogLine, limit: int = 160) -> str:
    """What the line says, for a sentence: what is hardly longer than that is said to its end, where objects stand."""
    whole = one_line(line.message, limit + limit // 2)
    return (one_line(line.message, limit) if whole.endswith("…") else whole).rstrip(".")


def said_of(line: LogLine, words: re.Pattern[str], limit: int = 160) -> str:
    """What the line says, from where it comes to the point: long lines begin with who, where and how."""
    found = words.search(line.message)
    if found is None or found.end() <= limit:
        return said(line, limit)
    start = min(found.start(), max(0, found.end() - limit))
    rest = line.message[start:] if start == 0 else line.message[line.message.rfind(" ", 0, start) + 1 :]
    return "…" * (start > 0) + one_line(rest, limit + limit // 2).rstrip(".")


def name(facts: Facts) -> str:
    """What the target is called in a sentence."""
    return facts.target.name if facts.target else facts.case.target.name
