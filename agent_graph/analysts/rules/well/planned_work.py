"""Away or busy on purpose: it was announced, or somebody works on it, and its own words agree."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.absence import (
    catches_up,
    explained,
    only_away,
    others_away,
    reader_away,
    without,
)
from agent_graph.analysts.rules.well.complaints import WAITED, complains
from agent_graph.analysts.rules.well.seen_off import seen_off
from backend.investigation.kinds import Category, Citation

# What is said of what will not be there, and what it says itself as it goes.
_ABSENCE = re.compile(
    r"maintenance|decommission|retir(?:e|ing)|scrap|for good|delet|destroy|down[- ]?time|outage|off-?line"
    r"|unavailable|\bgone\b"
    r"|power(?:ed|ing)?[- ]?(?:off|down)|shut(?:ting)?[- ]?down|switch-?over|fail-?over|drain|evacuat|interrupt"
    r"|\bswitch(?:es|ed|ing)? (?:of|from|to|the|over)\b|cut-?over|brown-?out|sunset"
    r"|re-?(?:boot|start|plac|mov)|upgrad|patch|\bmov(?:e|ed|ing)\b|migrat|\bstop|scheduled down|\bdrill|game ?day"
    r"|chaos|\btainted \S*(?:disrupt|ToBeDeleted|termination|machine-deletion|spot)",
    re.IGNORECASE,
)
_FOR_GOOD = re.compile(r"decommission|\bretir|for good|scrapp", re.IGNORECASE)
_AWAY = re.compile(
    r"maintenance|decommission|powering down|power(?:ed)?[ -]?off|shutting down|switchover|failover", re.IGNORECASE
)
# Whose announcement is that things go wrong.
_DRILL = re.compile(r"\bdrill|game ?day|chaos|fail-?over test|fault injection", re.IGNORECASE)
# What work is said to bring, and not what it is said not to.
_EXPECTED = re.compile(r"[^,.;:(]{3,80}\b(?:expected|normal|harmless)\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:no|not|none|nothing|without|unexpected)\b", re.IGNORECASE)
_LONG_WORD, _STEM = re.compile(r"[a-zA-Z]{6,}"), 6
_NO_STEMS = {"expect", "normal", "harmle", "impact", "during", "minute", "second", "errors"}
# How long work on something may last until an alert notices, and words that plans of all kinds contain.
_WORK = timedelta(hours=2)
_NO_TOPICS = {"maintenance", "announced", "expected", "server", "cluster", "service", "before", "scaled"}


def announced(facts: Facts, causes: Sequence[Category]) -> Finding | None:
    """It is away as somebody said it would be: its own words agree, nothing else explains it, and nothing broke."""
    signs = [sign for sign in facts.signs_of("planned", "proof", "strong") if _ABSENCE.search(sign.quote)]
    if not signs:
        return None
    by_the_hour = signs[0].weight == "proof"
    behind = by_the_hour and "replication_lag" in causes
    kept = behind and (reader_away(facts, signs[0].quote) or catches_up(facts, signs[0]))
    causes = [cause for cause in causes if not kept or cause != "replication_lag"]
    seen = without(facts, facts.signs_of("replication_lag")) if kept else facts
    if not explained(causes) or not only_away(seen) or others_away(facts, signs[0].quote):
        return None
    words = _agrees(facts, signs[0].quote)
    expected = by_the_hour and _DRILL.search(signs[0].quote) is not None
    if (words is None and not by_the_hour) or (complains(facts) and not expected):
        return None
    away = words is not None or trouble_signals(seen) or not facts.signs_of("healthy")
    how = "on purpose" if signs[0].source == "kubernetes" else "as announced"
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is {'away' if away else 'at work'} {how}: {signs[0].means}.",
        supporting=[signs[0].cite("it was announced"), *([words] if words else [])],
        strength="strong",
        disproof="Ask who announced it; being away past the end of it would be an incident.",
    )


def _agrees(facts: Facts, said: str) -> Citation | None:
    """What says as it goes that it does. Who is switched off for good from outside tells nothing; who did it does."""
    own = next((line.cite("its own words agree") for line in facts.lines if _goes(facts, line)), None)
    others = seen_off(facts) if own is None and _FOR_GOOD.search(said) else None
    return others.cite("it was seen to be switched off") if others is not None else own


def _goes(facts: Facts, line: LogLine) -> bool:
    """Does it say of itself that it goes, as it goes?"""
    in_time = line.at is not None and line.at >= facts.case.started_at - WAITED
    return in_time and not line.is_error and _AWAY.search(line.text) is not None


def foreseen(facts: Facts, causes: Sequence[Category]) -> Finding | None:
    """Whoever announced the work for this hour said that it would bring what the alerts are about, and it brings no
    more than that."""
    for sign in facts.signs_of("planned", "proof"):
        clause = _EXPECTED.search(sign.means)
        said = clause[0] if clause and not _DENIED.search(clause[0]) else ""
        stems = {word[:_STEM].lower() for word in _LONG_WORD.findall(said)} - _NO_STEMS
        told = [f"{a.name} {' '.join(a.annotations.values())}".lower() for a in facts.case.alerts]
        seen = [cite.quote.lower() for cite in trouble_signals(facts)]
        meant = bool(told) and all(any(stem in text for stem in stems) for text in [*told, *seen])
        good = facts.signs_of("healthy", "strong")
        if not meant or not good or causes or complains(facts):
            continue
        return Finding(
            category="healthy",
            statement=f"{name(facts)} is at work, and what it brings was foreseen: {sign.means}.",
            supporting=[sign.cite("it was foreseen"), *(one.cite("no more than that") for one in good[:3])],
            strength="strong",
            disproof="Look at it when the work is over: the same then would be an incident.",
        )
    return None


def worked_on(facts: Facts, causes: Sequence[Category]) -> Finding | None:
    """Somebody works on it, or it was made smaller: its own words tell of that, and nobody suffers from it."""
    hours, good = facts.signs_of("planned", "proof"), facts.signs_of("healthy")
    signs = [s for s in facts.signs_of("planned", "weak") if s.at and s.at >= facts.case.started_at - _WORK]
    slow = trouble_signals(facts)
    if slow and not (hours and all(_is_one_members(signal, facts) for signal in slow)):
        return None
    signs = [*hours, *signs]
    if not signs or not good or causes or complains(facts):
        return None
    named = f"{signs[0].subject} {facts.case.target.name}".lower()
    topics = {word for word in re.findall(r"[a-z]{6,}", signs[0].means.lower()) if word not in named} - _NO_TOPICS
    own = [line for line in [*facts.lines, *facts.around] if line.at is None or line.at >= (signs[0].at or line.at)]
    agree = [
        line for line in own if _AWAY.search(line.text) or any(word[:_STEM] in line.text.lower() for word in topics)
    ]
    if not agree:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} does what was planned for it: {signs[0].means}.",
        supporting=[signs[0].cite("it was planned"), agree[0].cite("its own words agree"), good[0].cite("it is well")],
        strength="strong",
        disproof="Ask who planned it; trouble that its users notice, or that outlasts it, would be an incident.",
    )


def _is_one_members(signal: Citation, facts: Facts) -> bool:
    """Is it slower, while the same is as ever with another member? Work in its hours goes from one to the next."""
    called = signal.quote.split("{")[0]
    slow = any(m.role == "latency" and m.cite().quote == signal.quote for m in facts.metrics)
    return slow and any(s.quote.startswith(f"{called}{{") for s in facts.signs_of("healthy", "strong"))
