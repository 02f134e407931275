"""A container that was stopped because its successor took its work over, as registered: nobody misses it."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Container, Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import bad_lines, complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_ENDED = re.compile(r"exit|stopp|\bdown\b|absent|missing|not running|\bgone\b|\bdied\b", re.IGNORECASE)
_USERS = re.compile(r"5xx|4xx|error.?rat|latency|slo\b|burn|probe|synthetic|requests", re.IGNORECASE)
# Asked to end by the engine, and what a process says of being asked.
_ASKED = re.compile(r"\bkill signal=15\b|\bstop\b")
_ENDS = re.compile(
    r"SIG(?:TERM|INT|QUIT)|signal(?: |=)?15\b|terminat|shut(?:ting)?[ -]?down|stopp|graceful|server closed",
    re.IGNORECASE,
)
# As which its code tells that it was asked, whoever kept the engine's words or not.
_BY_SIGNAL = 143
# How those end that were asked to: by themselves, by SIGTERM, by SIGKILL where it took them too long.
_CODES = (0, 143, 137)
# The rollout that is behind it may be taken for what ended it.
_LOOKS_LIKE: frozenset[Category] = frozenset({"app_crash", "bad_deploy"})
_SAID_BEFORE, _AT_ONCE = timedelta(hours=2), timedelta(seconds=60)


def taken_over(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """It was asked to end after what it did went to another, whom the registered change names; all are served."""
    own, alerts = facts.target, [f"{a.name} {' '.join(a.annotations.values())}" for a in facts.case.alerts]
    if own is None or not _asked(own, facts) or not alerts or set(likely) - _LOOKS_LIKE or complains(facts):
        return None
    if not all(_ENDED.search(told) and not _USERS.search(told) for told in alerts):
        return None
    moved = next((found for metric in facts.metrics if (found := _moved(metric, own, facts)) is not None), None)
    good = [sign.cite("as ever") for sign in facts.signs_of("healthy", "strong") if sign.source == "prometheus"]
    others = [signal for signal in trouble_signals(facts) if signal.evidence != own.evidence]
    if moved is None or not good or others or not all(_is_its_end(line, own) for line in bad_lines(facts)):
        return None
    change, left, other = moved
    return Finding(
        category="healthy",
        statement=f"{name(facts)} was stopped because another took its work over, as registered ({said(change, 240)});"
        f" it had nothing to do any more when it was asked to end: {left.line}.",
        supporting=[
            change.cite("it was registered"),
            left.cite("it had nothing to do any more"),
            other.cite("its successor has"),
            own.cite("status", "it was asked to end"),
            *good_signs(facts)[:2],
        ],
        strength="strong",
        disproof="Ask the service as users do; an error there would be its successor's.",
    )


def _asked(own: Container, facts: Facts) -> bool:
    end = own.finished_at
    if own.running or own.oom_killed or own.restarts or own.exit_code not in _CODES or end is None:
        return False
    if any(event.at and abs(event.at - end) <= _AT_ONCE and _ASKED.search(event.text) for event in facts.events):
        return True
    # Where nobody kept the engine's words, an end without an error that the process itself tells of.
    told = any(_is_its_end(line, own) for line in [*facts.lines, *facts.usual])
    return not facts.events and (own.exit_code == _BY_SIGNAL or (own.exit_code == 0 and told))


def _is_its_end(line: LogLine, own: Container) -> bool:
    end = own.finished_at
    return line.at is not None and end is not None and abs(line.at - end) <= _AT_ONCE and bool(_ENDS.search(line.text))


def _moved(left: Metric, own: Container, facts: Facts) -> tuple[LogLine, Metric, Metric] | None:
    """The change, what its work was measured by until it fell to nothing, and the same of whom the change names."""
    end, mine = own.finished_at, _which(left, own)
    if end is None or not mine or left.last != 0 or left.highest == 0 or _last_at_work(left) > end.timestamp():
        return None
    changes = [c for c in facts.changes if c.at and end - _SAID_BEFORE <= c.at <= end]
    for other in facts.metrics:
        value = other.labels.get(mine, "")
        same = other.name == left.name and other.labels == {
            **left.labels,
            mine: value,
        }
        if other is left or not same or other.last <= 0 or other.points[0][1] != 0:
            continue
        named = [c for c in changes if _tells(c, value, left, mine, own)]
        if named and _first_at_work(other) < end.timestamp():
            return named[-1], left, other
    return None


def _which(metric: Metric, own: Container) -> str:
    """The label by which the series is the container's own: its name, or what tells it from its fellow."""
    mine = _plain(own.name)
    return next(
        (k for k, v in metric.labels.items() if v and (mine == _plain(v) or mine.endswith(f"-{_plain(v)}"))), ""
    )


def _whole(metric: Metric, which: str, own: Container) -> str:
    """What both are called, without what tells them apart."""
    return _plain(own.name).removesuffix(_plain(metric.labels[which])).rstrip("-")


def _apart(mine: str, value: str) -> tuple[str, str]:
    """Of two names that differ in their last word: the first word, and the last two of the successor's."""
    words, others = _plain(mine).split("-"), _plain(value).split("-")
    if len(words) != len(others) or words[:-1] != others[:-1] or len(words) < 2:
        return "", ""
    return words[0], "-".join(others[-2:])


def _plain(word: str) -> str:
    return re.sub(r"[_.]", "-", word.lower())


def _tells(change: LogLine, value: str, left: Metric, mine: str, own: Container) -> bool:
    """Does it name the successor, and the service that both are of?"""
    if whole := _whole(left, mine, own):
        return _names(change, value) and _names(change, whole)
    # Where both are called by their whole names: what they share is the service, and what tells them apart is named.
    shared, other = _apart(left.labels[mine], value)
    return bool(shared) and (_names(change, value) or (_names(change, shared) and _names(change, other)))


def _names(change: LogLine, word: str) -> bool:
    plain = re.escape(_plain(word))
    return bool(word) and re.search(rf"(?<!\w){plain}(?!\w)", _plain(change.message)) is not None


def _last_at_work(metric: Metric) -> float:
    return max(at for at, value in metric.points if value > 0)


def _first_at_work(metric: Metric) -> float:
    return min(at for at, value in metric.points if value > 0)
