"""What the alert is about was taken out of service, as registered: nobody uses it any more, and its successor works."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.context.ceilings import cited
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.undone import TAKEN_BACK
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category, Citation

_RETIRED = re.compile(
    r"\bretir(?:ed|es|ing|ement)\b|\brenamed (?:to|from)\b|\bdecommission|\bscrapp?ed\b|\bsuperseded\b|\breplaced by\b"
    r"|\bno longer (?:used|in use|needed)\b"
    r"|\bout of (?:service|use)\b|\bcut ?over (?:from|to)\b|\bmigrated (?:away|off|from)\b|\bshut down for good\b"
    r"|\b(?:deleted|removed|dropped|switched off) for good\b",
    re.IGNORECASE,
)
# Labels that say where something is and how bad, and not which one it is.
_OF_ITS_PLACE = re.compile(
    r"alertname|severity|priority|job|namespace|cluster|region|zone|env(?:ironment)?|team|prometheus|endpoint|receiver"
    r"|topic|vhost",
)
# What is measured of who uses a thing.
_USERS = re.compile(r"consumer_?(?:count|s\b|group_members)|group_members|_members\b|subscri|clients|connections", re.I)
_REQUESTS = re.compile(r"requests?|_rq_|_rps|_qps|calls|hits|messages", re.IGNORECASE)
_STEPS = 3
# What tells a moment by its value.
MOMENT = re.compile(r"timestamp|last_(?:success|run|seen|update)")
_AT_ZERO: frozenset[Category] = frozenset({"config_error", "bad_deploy"})
_SCALED_AWAY = re.compile(r"\bis scaled to zero\b")
# What may stand between who it is and that it is retired.
_BETWEEN = r"(?:[:,\s]|\([^)]*\)|\b(?:is|was|has|been|will|be|to|now|[A-Z]+-\d+)\b)*"
# Whose place is taken by whom, as those write it who shift traffic.
_TO = r"\s*(?:\bto\b|->|→|=>)\s*([\w-]{4,})"
# What may stand before its name; what is used no more from it, or in it, is something else.
_NAMING = r"(?!from|in|on|at|by|for|to|with|between)\w+ "
# And that it is this one which ends: data that goes from one to the other is no end of either.
_HANDED = (
    r"[\s,;(]+(?:(?:traffic|shift(?:ed)?|switch(?:ed)?|hand-?over|done|and|then|with|the|old|one|version)[\s,;]+)*"
)
_LEAST, _NEAR, _SAID_WITHIN = 4, 20, timedelta(days=60)
_LOOKS_LIKE: frozenset[Category] = frozenset({"dependency_failure", "probe_failure", "network_error", "node_failure"})


def retired(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Each alert names it, somebody registered its end before, and nothing but it looks bad."""
    alerts = [alert for alert in facts.case.alerts if alert.status == "firing"]
    if not alerts or facts.monitor is not None or complains(facts):
        return None
    told = [_registered(alert.labels, facts) for alert in alerts]
    if not all(told) or (found := told[0]) is None:
        return None
    which, change = found
    looks_like = _LOOKS_LIKE | (_AT_ZERO if _at_zero(facts, change) else frozenset())
    if set(likely) - looks_like or any(which not in signal.quote for signal in trouble_signals(facts)):
        return None
    unused = next((m for m in facts.metrics if _is_unused(m, which, change, facts)), None)
    good = [c for c in [*_others_well(facts, which), *good_signs(facts)] if which not in c.quote]
    good += _heirs(which, change, facts)
    if unused is None or not good:
        return None
    whole = "" if which == name(facts) else f"{name(facts)} is well: "
    return Finding(
        category="healthy",
        statement=f"{whole}{which}, which the alert is about, is out of service as registered"
        f" ({said(change, 240)}), and nobody uses it any more. Take it out of the rule, or delete it.",
        supporting=[change.cite("its end was registered"), unused.cite("nobody uses it"), *good[:2]],
        strength="strong",
        disproof="Ask whoever registered it whether anybody still needs it; being used, it would be an incident.",
    )


def _at_zero(facts: Facts, change: LogLine) -> bool:
    """Is all that is wrong with its settings that it is to have no replica, and is that the one thing that was done?"""
    wrong, done = facts.signs_of("config_error"), facts.signs_of("bad_deploy")
    meant = all(sign.quote == change.cite().quote for sign in done)
    return bool(wrong) and meant and all(_SCALED_AWAY.search(sign.means) for sign in wrong)


def _registered(labels: dict[str, str], facts: Facts) -> tuple[str, LogLine] | None:
    """The label's value that a change before names as retired: whole, or as the part of whose change it is."""
    values = [v for k, v in labels.items() if not _OF_ITS_PLACE.fullmatch(k) and len(v) >= _LEAST]
    began = facts.case.started_at
    earlier = [
        c
        for c in facts.changes
        if c.at and began - _SAID_WITHIN <= c.at <= began
        if _RETIRED.search(c.message) and not TAKEN_BACK.search(c.message)
    ]
    return next(((value, c) for c in reversed(earlier) for value in values if _is_of(value, c)), None)


def _is_of(value: str, change: LogLine) -> bool:
    head, _, summary = change.message.partition(": ")
    own, ends = rf"(?<![\w.-]){re.escape(value)}(?![\w-])", _RETIRED.pattern
    if re.search(rf"{own}{_TO}{_HANDED}(?:{ends})", change.message, re.IGNORECASE):
        return True
    if re.search(own, change.message):
        near = rf"{own}{_BETWEEN}(?:{ends})|(?:{ends})[:\s]+(?:of )?(?:{_NAMING}){{0,2}}{own}"
        if not re.search(near, change.message, re.IGNORECASE):
            return False
        # Whoever the thing was replaced by is named, too.
        return re.search(rf"\b(?:to|by|with)\s+(?:\w+ ){{0,3}}{re.escape(value)}(?![\w-])", change.message) is None
    owner = next((word for word in head.split() if value.startswith(f"{word}-") and len(word) >= _LEAST), None)
    part = value[len(owner) + 1 :] if owner else ""
    named = re.finditer(rf"(?<![\w.-]){re.escape(part)}(?![\w-])", summary) if part else []
    return any(_RETIRED.search(summary[max(0, one.start() - _NEAR) : one.end() + _NEAR]) for one in named)


def _is_unused(metric: Metric, which: str, change: LogLine, facts: Facts) -> bool:
    if _nobody_uses(metric, which) or _gone(metric, which) or _left_behind(metric, which, change, facts):
        return True
    return _fell_to_nothing(metric, which, change) and bool(_heirs(which, change, facts))


def _nobody_uses(metric: Metric, which: str) -> bool:
    return f'"{which}"' in metric.line and _USERS.search(metric.line.split("{")[0]) is not None and metric.highest == 0


def _gone(metric: Metric, which: str) -> bool:
    """A probe of it fails, as of what is no more."""
    return f'"{which}"' in metric.line and metric.role in ("probe", "up") and metric.last == 0


def _fell_to_nothing(metric: Metric, which: str, change: LogLine) -> bool:
    """Did what it was asked for go down to nothing, step by step, after it was registered that another takes over?"""
    asked = _REQUESTS.search(metric.name) is not None and f'"{which}"' in metric.line
    values = [value for at, value in metric.points if change.at and at >= change.at.timestamp()]
    return asked and len(values) >= _STEPS and values[0] > 0 == values[-1] and any(0 < v < values[0] for v in values)


def _heirs(which: str, change: LogLine, facts: Facts) -> list[Citation]:
    """Whoever takes its place, as the same change says, with all the replicas that it is to have."""
    named = re.search(rf"(?<![\w.-]){re.escape(which)}{_TO}", change.message)
    whole = [one for one in facts.platform.get("whole", []) if named and one["name"] == named[1]]
    return [cite for one in whole[:1] if (cite := cited(one["line"], facts, "its successor works"))]


def _left_behind(metric: Metric, which: str, change: LogLine, facts: Facts) -> bool:
    """Does it stand still, while that of the successor, whom the same change names, is newer?"""
    if f'"{which}"' not in metric.line or not MOMENT.search(metric.line) or metric.highest > metric.points[0][1]:
        return False
    called = metric.line.split("{")[0]
    others = [m for m in facts.metrics if m.line.split("{")[0] == called and f'"{which}"' not in m.line]
    newer = [m for m in others if m.last > metric.last]
    return any(value in change.message for m in newer for value in re.findall(r'="([^"]{4,})"', m.line))


def _others_well(facts: Facts, which: str) -> list[Citation]:
    """Somebody else of its kind has users."""
    used = [m for m in facts.metrics if _USERS.search(m.line.split("{")[0]) and min(v for _, v in m.points) > 0]
    return [m.cite("its successor is used") for m in used if f'"{which}"' not in m.line]
