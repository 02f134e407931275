"""config_error: it was just told a value that it does not know, by a setting or a flag that others set for it."""

import re
from collections.abc import Iterator
from datetime import timedelta

from agent_graph.analysts.rules.context.beforehand import BEFORE_IT
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said, trouble_signals
from backend.investigation.kinds import Category

# As programs say that they do not know what they were told; the value stands beside it.
_UNKNOWN = re.compile(
    r"\bKeyError\b|\bunknown\b|\binvalid\b|\bunsupported\b|\bunrecogni[sz]ed\b|\bunhandled\b|\bundefined\b"
    r"|\bnot (?:an? )?(?:valid|supported|implemented|registered|recogni[sz]ed|known|allowed|found|defined)\b"
    r"|\bno (?:such|enum constant|handler|implementation|provider|adapter|matching|match)\b|\bNoSuch\w+"
    r"|\bno .{1,60}\b(?:registered|found|defined|configured|known)\b"
    r"|NotImplemented|must be one of|does not exist|IllegalArgument|(?:Value|Argument|Key)Error",
    re.IGNORECASE,
)
# What is set, and not what is released: what a release no longer knows is the release's matter.
_SETTING = re.compile(
    r"^\S+Z? ?[\w.-]*(?:config|setting|flag|toggle|experiment|param|variable|env\b|secret|polic)", re.I
)
# What it was set to before stands before these.
_TO = ("->", "→", "=>")
_VALUE = re.compile(r"[\"'`]([\w.:/-]{3,80})[\"'`]|(?<![\w.:/-])([A-Za-z][\w.]*[-_/][\w./-]{2,80})(?![\w./-])")
# What stands right behind the arrow is the value, however plain a word it is.
_BEHIND = re.compile(r"\s*([A-Za-z]\w{2,80})(?![\w./-])")
_QUOTES = r"[\"'`<(\[:=]"
_SOON, _CLOCKS = timedelta(minutes=30), timedelta(minutes=1)
_SYMPTOMS: frozenset[Category] = frozenset(
    {"app_crash", "restart_loop", "probe_failure", "dependency_failure", "bad_deploy", "network_error"}
)


def unknown_value(facts: Facts) -> Finding | None:
    """It does not know a value since a change that set it; nobody named that value before."""
    signals = [*trouble_signals(facts)[:3], *([facts.alert] if facts.alert is not None else [])]
    if not signals:
        return None
    for change in facts.changes[::-1]:
        for value in _values(change):
            lines = _unknown(value, facts)
            began = first_at(lines)
            if (
                began
                and change.at
                and -_CLOCKS <= began - change.at <= _SOON
                and not _said_before(value, change, facts)
            ):
                return _told(facts, change, value, lines)
    return None


def _values(change: LogLine) -> Iterator[str]:
    """What it was set to, where that was something else before; plain words and numbers may stand anywhere."""
    if not _SETTING.search(change.text):
        return
    told = change.text.partition(": ")[2] or change.text
    before, _, after = next((told.partition(found) for found in _TO if found in told), ("", "", told))
    old = {one or two for one, two in _VALUE.findall(before)}
    plain = [(found[1], "")] if before and (found := _BEHIND.match(after)) else []
    for one, two in [*_VALUE.findall(after), *plain]:
        value = one or two
        if value not in old and not value.isdigit():
            yield value


def _unknown(value: str, facts: Facts) -> list[LogLine]:
    """Lines that complain of it by its name, set off from the words around it: one word by more than a space."""
    set_off = _QUOTES if value.isalnum() else rf"{_QUOTES}|\s"
    named = re.compile(rf"(?:{set_off}){re.escape(value)}(?![\w-])")
    return [
        line
        for line in facts.lines
        if line.level not in ("info", "debug") and _UNKNOWN.search(line.text) and named.search(line.text)
    ]


def _said_before(value: str, change: LogLine, facts: Facts) -> bool:
    early = [line for line in facts.lines if line.at and change.at and line.at < change.at - _CLOCKS]
    return any(value in line.text for line in early)


def _told(facts: Facts, change: LogLine, value: str, lines: list[LogLine]) -> Finding:
    return Finding(
        category="config_error",
        statement=f'{name(facts)} was told "{value}", which it does not know: {said(lines[0])}. '
        f"{BEFORE_IT} {said(change, 300)}.",
        supporting=[
            *log_citations(lines),
            change.cite("it sets that value"),
            *trouble_signals(facts)[:3],
            *([facts.alert] if facts.alert is not None else []),
        ],
        strength="strong",
        onset=onset(first_at(lines)),
        explains=_SYMPTOMS,
        rooted=True,
        disproof=f'Take "{value}" back: if it fails all the same, the change is not to blame.',
    )
