"""A backlog that nobody is to work off: somebody read along by hand for some minutes, and left the reader's name."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_READER = ("consumergroup", "consumer_group", "group", "group_id", "subscription", "subscription_id", "consumer")
_READ = ("topic", "stream", "queue", "subject", "vhost")
_ACCESS = re.compile(r"access|shell|exec\b|break-?glass|session|sudo|debug|console|by hand|manual", re.IGNORECASE)
# Who it was, where entries of access are begun with it or name it after "by".
_WHO = re.compile(r"^([\w-]+(?:\.[\w-]+)*)(?::| )|\b(?:by|user|for) ([\w-]+(?:\.[\w-]+)*)", re.IGNORECASE)
_LETTERS = re.compile(r"[^a-z]")
_NAME, _BRIEF, _SINCE = 5, timedelta(minutes=30), timedelta(hours=1)
# What others, who work, may be behind by, as a share of what the left one is.
_HARDLY = 0.05
_LOOKS_LIKE: frozenset[Category] = frozenset({"dependency_failure", "lock_contention"})


def left_by_hand(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The reader is called after somebody whose access was registered, had a member for minutes, and others keep up."""
    readers = [{alert.labels[key] for key in _READER if alert.labels.get(key)} for alert in facts.case.alerts]
    reader = next(iter(set[str].intersection(*readers)), "") if readers else ""
    if not reader or set(likely) - _LOOKS_LIKE or complains(facts):
        return None
    own = [metric for metric in facts.metrics if f'="{reader}"' in metric.line]
    members = next((metric for metric in own if "member" in metric.line.partition("{")[0]), None)
    behind = next((metric for metric in own if metric.role == "queue"), None)
    if members is None or behind is None or any(f'="{reader}"' not in c.quote for c in trouble_signals(facts)):
        return None
    access, others = _access(facts, reader, members), _others(facts, behind)
    if access is None or not others:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is well, and nobody waits for what {reader} is behind with: somebody read with it by"
        f" hand ({said(access, 240)}) and left it, and those who work keep up. Delete {reader}.",
        supporting=[
            access.cite("who was at it by hand"),
            members.cite("it had a member for minutes"),
            others[0].cite("those who work keep up"),
            *good_signs(facts)[:3],
        ],
        strength="strong",
        disproof=f"Ask them whether anything is to read as {reader}; if so, it would be an incident.",
    )


def _access(facts: Facts, reader: str, members: Metric) -> LogLine | None:
    """Whose access came shortly before its only members, for some minutes, and whose name it bears."""
    values = [value for _, value in members.points]
    there = [n for n, value in enumerate(values) if value > 0]
    if not there or there[0] == 0 or there[-1] - there[0] + 1 != len(there) or values[-1] > 0:
        return None
    came, left = (datetime.fromtimestamp(members.points[n][0], UTC) for n in (there[0], there[-1]))
    if left - came > _BRIEF:
        return None
    near = [c for c in facts.changes if c.at and timedelta() <= came - c.at <= _SINCE and _ACCESS.search(c.message)]
    return next((change for change in reversed(near) if _is_called_after(reader, change)), None)


def _is_called_after(reader: str, access: LogLine) -> bool:
    people = [one or other for one, other in _WHO.findall(access.message.partition(": ")[2])]
    plain = [_LETTERS.sub("", person.lower()) for person in people]
    return any(len(person) >= _NAME and person in _LETTERS.sub("", reader.lower()) for person in plain)


def _others(facts: Facts, behind: Metric) -> list[Metric]:
    """Other readers of the same, where none of them is behind."""
    read = [f'{key}="{value}"' for key, value in re.findall(r'(\w+)="([^"]*)"', behind.line) if key in _READ]
    called = behind.line.partition("{")[0]
    same = [m for m in facts.metrics if m.line.partition("{")[0] == called and m is not behind]
    same = [m for m in same if read and all(one in m.line for one in read)]
    return same if all(metric.last <= _HARDLY * behind.last for metric in same) else []
