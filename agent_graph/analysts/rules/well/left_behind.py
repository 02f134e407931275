"""A machine that was switched off in order after its work had moved to another, as registered: that one does it now."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.undone import is_done
from agent_graph.sources.signs import aliases
from backend.investigation.kinds import Category

# How a machine says that it is switched off as it should be; who starts anew comes back, and who falls says something
# else or nothing.
_IN_ORDER = re.compile(
    r"\bpower(?:ed|ing)?[- ]?(?:off|down)\b|shut(?:ting)?[- ]?down|poweroff\.target|\bdeallocat", re.IGNORECASE
)
_FELL = re.compile(
    r"re-?boot|unexpected|crash|panic|\bloss\b|\blost\b|thermal|overheat|watchdog|\bfail(?:ed|ure)?\b|emergency",
    re.IGNORECASE,
)
# The work itself, as those ask for it who use it: dumps, replicas or alerts of a machine may go while it goes on.
_WORK = re.compile(
    r"\b[\w-]+\.[a-z][\w.-]+|\bCNAME\b|\bDNS\b|\bVIP\b|\baddress|\btraffic\b|\beverything\b|\ball (?:\w+ )?services\b",
    re.IGNORECASE,
)
_NO_WORK = re.compile(
    r"back-?up|dump|snapshot|replic|stand-?by|cop(?:y|ies)|alert|monitor|\blogs?\b|cron|\btest|staging|read-?only",
    re.IGNORECASE,
)
_WENT = r"(?:moved|migrated|cut ?over|transferred|switched|shifted|relocated)"
_LOOKS_LIKE: frozenset[Category] = frozenset({"node_failure", "network_error", "probe_failure", "app_crash"})
# When it may have been registered: not as part of the same trouble, and not years ago.
_EARLIEST, _LATEST = timedelta(days=90), timedelta(hours=1)
_AT_ONCE, _LEAST = timedelta(minutes=5), 3


def left_behind(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """It went in order, nothing but it is away, and its heir, or what moved to it, is measured to be there all the
    time."""
    if set(likely) - _LOOKS_LIKE or facts.containers or complains(facts):
        return None
    gone = next((m for m in facts.metrics if m.role == "up" and m.last == 0 and _is_own(m, facts)), None)
    moved = next((found for c in reversed(facts.changes) if (found := _heir(c, facts))), None)
    if gone is None or gone.change_at is None or moved is None or not _all_of_it(gone, facts):
        return None
    change, heir = moved
    there = [m for m in facts.metrics if m.role in ("up", "probe") and not _is_own(m, facts) and _always(m)]
    meant = {heir, *_parts(change.message.partition(": ")[0].split(" ", 1)[-1])}
    served = next((m for m in there if any(meant & _parts(value) for value in m.labels.values())), None)
    ordered = _ordered(facts, gone.change_at)
    if served is None or ordered is None:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} was switched off in order, and its work had moved to {heir} before, as registered"
        f" ({said(change, 240)}). Take it out of the rule.",
        supporting=[
            change.cite("its work had moved"),
            ordered.cite("it was switched off in order"),
            served.cite("who has its work is there"),
            *(m.cite("as ever") for m in there if m is not served),
        ][:5],
        strength="strong",
        disproof="Ask for its work as users do; an error there would be an incident, whoever was switched off.",
    )


def _names(facts: Facts) -> list[str]:
    """In full and by its own first name."""
    known = [one.lower() for one in aliases(facts.case)]
    return list(dict.fromkeys([*known, *(one.split(".")[0] for one in known)]))


def _parts(value: str) -> set[str]:
    """Names in a label: of a machine in full and by its first, with no port."""
    found = {part.lower() for part in re.split(r"[/:,\s]+", value) if part}
    return found | {one.split(".")[0] for one in found}


def _is_own(metric: Metric, facts: Facts) -> bool:
    own = set(_names(facts))
    return any(own & _parts(value) for value in metric.labels.values())


def _heir(change: LogLine, facts: Facts) -> tuple[LogLine, str] | None:
    """Who has its work since, by what was registered, and nothing that was registered later takes it back."""
    began = facts.case.started_at
    if change.at is None or not began - _EARLIEST <= change.at <= began - _LATEST or not is_done(change):
        return None
    own = "|".join(re.escape(one) for one in _names(facts) if len(one) >= _LEAST)
    found = own and re.search(
        rf"([^,;:()]+?) (?:is |was |has been )?{_WENT} (?:over )?from (?:{own}) to ([\w.-]{{3,}})"
        rf"|: (?:{own}) (?:is |was |has been )?(?:replaced|superseded) by ([\w.-]{{3,}})(?! (?:as|in|for|on)\b)",
        change.message,
        re.IGNORECASE,
    )
    if not found or (found[1] and (not _WORK.search(found[1]) or _NO_WORK.search(found[1]))):
        return None
    heir = (found[2] or found[3]).strip(".").split(".")[0].lower()
    later = [one for one in facts.changes if one.at and change.at < one.at <= began]
    named, to = rf"(?<![\w.-])(?:{own}|{re.escape(heir)})(?![\w-])", rf"(?:\bto|->|→|=>) ?(?:{own})(?![\w-])"
    back = any(re.search(to, c.message) or (re.search(named, c.message) and not is_done(c)) for c in later)
    return (change, heir) if heir not in _names(facts) and not back else None


def _always(metric: Metric) -> bool:
    return len(metric.points) >= _LEAST and min(value for _, value in metric.points) >= 1


def _all_of_it(gone: Metric, facts: Facts) -> bool:
    """Is all that is wrong that it is away, whoever measures it? Its platform calls it otherwise."""
    at = gone.change_at or datetime.min.replace(tzinfo=UTC)
    ups = [m for m in facts.metrics if m.role in ("up", "probe") and m.change_at and abs(m.change_at - at) <= _AT_ONCE]
    known = {m.cite().quote for m in ups if m.role == "up"} | {m.cite().quote for m in ups if _is_own(m, facts)}
    return all(signal.quote in known for signal in trouble_signals(facts))


def _ordered(facts: Facts, gone: datetime) -> LogLine | None:
    """What says as it goes that it was to go; none where anybody says then that it fell."""
    lines = [*facts.lines, *facts.usual, *facts.around]
    near = [line for line in lines if line.at and gone - _AT_ONCE <= line.at <= gone + _AT_ONCE]
    if any(line.is_error or _FELL.search(line.message) for line in near):
        return None
    return next((line for line in near if _IN_ORDER.search(line.message)), None)
