"""What runs out was replaced in time: a successor of the same owner, valid for long, is in use already."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains

_RUNS_OUT = re.compile(r"expir|runs? out|not_?after|valid", re.IGNORECASE)
# Both are told as what is left, or as the moment of the end. A renewed one lasts for weeks more.
_LONGER = 14 * 86400.0
_SHORT = 4
# What tells copies of one thing apart, and not things.
_COPY = re.compile(
    r"(?:\w+_)?(?:serial(?:_?number)?|id|kid|fingerprint|thumbprint|version|generation)|serial\w*|sha\w*", re.IGNORECASE
)
# Where it is kept, which tells copies of one thing apart where another label says that it is the same.
_KEPT, _SAME = (
    re.compile(r"secret(?:_?name)?|file(?:_?(?:path|name))?|path", re.I),
    re.compile(r"subject|\bcn\b|_cn\b|dns|san\b|domain", re.I),
)
# What is served, as those measure who ask for it; its end is the successor's, give or take.
_SERVED, _ALIKE = re.compile(r"^(?:probe_|\w*ssl\w*earliest|ssl_(?:verified_)?cert_not_after)"), 3600.0
# Told as a moment, and not as what is left.
_MOMENTS = 1e9


def replaced_in_time(facts: Facts) -> Finding | None:
    """The alert names one of two, the other lasts, and what is said or registered since names the other only."""
    alert = next(iter(facts.case.alerts), None)
    told = f"{alert.name} {' '.join(alert.annotations.values())}" if alert else ""
    if alert is None or not _RUNS_OUT.search(told) or trouble_signals(facts) or complains(facts):
        return None
    left = [m for m in facts.metrics if _RUNS_OUT.search(m.name)]
    for old in left:
        labels = old.labels
        if old.last <= 0 or _MOMENTS < old.last <= facts.case.now.timestamp():
            continue
        if any(alert.labels.get(key, value) != value for key, value in labels.items()):
            continue
        for new in left:
            which = _differing(labels, new.labels)
            if which is None or labels[which[0]] != alert.labels.get(which[0]) or new.last < old.last + _LONGER:
                continue
            kept = _KEPT.fullmatch(which[0]) is not None
            if kept and not _served(left, old, new):
                continue
            if used := _used(facts, labels[which[0]], which[1], registered=kept):
                return _finding(facts, old, new, used)
    return None


def _differing(one: dict[str, str], other: dict[str, str]) -> tuple[str, str] | None:
    """The only label that tells them apart, and what the other's is; whom a wildcard covers is the same."""
    keys = [key for key in one.keys() | other.keys() if one.get(key) != other.get(key)]
    keys = [key for key in keys if not (_SAME.search(key) and _covers(other.get(key, ""), one.get(key, "")))]
    if len(keys) != 1 or keys[0] not in one or keys[0] not in other:
        return None
    same = any(_SAME.search(key) for key in one)
    own = _COPY.fullmatch(keys[0]) or (same and _KEPT.fullmatch(keys[0]))
    return (keys[0], other[keys[0]]) if own and len(other[keys[0]]) >= _SHORT else None


def _covers(wildcard: str, host: str) -> bool:
    """A name for all of one domain, and one of them."""
    return wildcard.startswith("*.") and "." in host and wildcard[2:] == host.split(".", 1)[1]


def _served(left: Sequence[Metric], old: Metric, new: Metric) -> bool:
    """Is what is asked for from outside the successor everywhere? What is kept elsewhere may be served elsewhere."""
    asked = [metric for metric in left if _SERVED.search(metric.line) and metric.line != old.line]
    return any(abs(metric.last - new.last) <= _ALIKE for metric in asked) and all(
        metric.last >= old.last + _LONGER for metric in asked
    )


def _used(facts: Facts, old: str, new: str, *, registered: bool) -> LogLine | None:
    """Who uses the new one says so, or it was registered as put in; and nobody says that they use the old one."""
    # Who speaks of a file names it mostly without its folder.
    old, new = (kept.rsplit("/", 1)[-1] for kept in (old, new))
    logged = [line for line in [*facts.lines, *facts.usual, *facts.around] if old in line.text or new in line.text]
    if any(old in line.text and new not in line.text for line in logged):
        return None
    changed = [line for line in facts.changes if new in line.text]
    return next(iter(changed if registered else [*logged, *changed]), None)


def _finding(facts: Facts, old: Metric, new: Metric, used: LogLine) -> Finding:
    return Finding(
        category="healthy",
        statement=f"{name(facts)}: what runs out has been replaced in time, and its successor is in use: {said(used)}.",
        supporting=[
            old.cite("runs out"),
            new.cite("its successor"),
            used.cite("it is in use"),
        ],
        strength="strong",
        disproof="Look for anybody who still uses the old one: they fail when it ends.",
    )
