"""Statements that are long because it was planned so: registered as they began, and nobody waits for them."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.as_long_as_ever import as_long_as_ever
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.dumps import LONG
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_LOOKS_LIKE: frozenset[Category] = frozenset({"slow_query", "bad_deploy"})
_NEAR = timedelta(minutes=5)
# What work on a database is registered as; a deploy that brings a slow statement is none.
_WORK = re.compile(
    r"^\S*\s*(?:migrat|maintenance|planned|schedul|cron|job|batch|schema|dba|upkeep|announce|change\b)", re.I
)
_WORD = re.compile(r"[a-z]\w{4,}")
_ALIKE = 2
# Whose statement it is that a slow log notes: MySQL, PostgreSQL by its prefix, MongoDB.
_SLOW = re.compile(r"slow.{0,6}(?:quer|statement|sql|log)", re.IGNORECASE)
_NOTED = re.compile(r"User@Host:|\bduration: \d{3,}|\bdurationMillis\b|slow query", re.IGNORECASE)
_CLIENT = re.compile(
    r"User@Host: ([\w.-]{3,60})\[|\b([\w.-]{3,60})@[\w.-]{1,60} LOG: +duration|\bappName\"?[:=] ?\"?([\w.-]{3,60})"
)
_BEGAN = timedelta(minutes=30)


def known_work(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Registered, or known by how long it took before."""
    return _as_registered(facts, likely) or as_long_as_ever(facts, likely)


def _as_registered(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The alerts are about long transactions or slow statements, and each is what somebody registered as it began."""
    alerts, runs = [f"{a.name} {' '.join(a.annotations.values())}" for a in facts.case.alerts], _long(facts)
    if not alerts or not all(LONG.search(told) or _SLOW.search(told) for told in alerts):
        return None
    plans = [plan for run in runs if (plan := _registered(run, facts)) is not None]
    if not runs and all(_SLOW.search(told) for told in alerts):
        runs, plans = _of_one_client(facts)
    others = {c.quote for c in trouble_signals(facts)} - {run.cite().quote for run in runs}
    if not runs or len(plans) < len(runs) or others or set(likely) - _LOOKS_LIKE or facts.signs_of("lock_contention"):
        return None
    good = good_signs(facts)
    if not good or complains(facts):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} does what was registered, and nobody waits for it: {said(plans[0], 240)}.",
        supporting=[plans[0].cite("it was registered"), runs[0].cite("the work at hand"), *good[:3]],
        strength="strong",
        disproof="Look whether anybody waits for a lock, and whether it takes longer than was announced.",
    )


def _long(facts: Facts) -> list[Sign]:
    return facts.signs_of("slow_query", "proof", "strong")


def _of_one_client(facts: Facts) -> tuple[list[LogLine], list[LogLine]]:
    """What a slow log notes, all of it from one client, and what was registered of that client as it began."""
    noted = [line for line in facts.lines if line.at is not None and _NOTED.search(line.text)]
    clients = {one.lower() for line in noted for found in _CLIENT.findall(line.text) for one in found if one}
    who = clients.pop() if len(clients) == 1 else ""
    first = min((line.at for line in noted if line.at), default=None)
    near = [c for c in facts.changes if first and c.at and timedelta() <= first - c.at <= _BEGAN]
    of_it = [c for c in near if who and who in re.split(r"[^\w.-]+", c.message.lower()) and _WORK.search(c.message)]
    return (noted[:1], of_it[-1:]) if of_it else ([], [])


def _registered(run: Sign, facts: Facts) -> LogLine | None:
    """Begun when it began, and in words of it."""
    words = _words(run.quote)
    near = [c for c in facts.changes if c.at is not None and run.at is not None and abs(c.at - run.at) <= _NEAR]
    return next((c for c in near if _WORK.search(c.message) and _alike(c, words)), None)


def _alike(change: LogLine, words: set[str]) -> bool:
    return len(words & _words(change.message.partition(":")[2])) >= _ALIKE


def _words(text: str) -> set[str]:
    """Its words, also those that names are put together of: whoever registers it writes of sellers and not of ids."""
    return set(_WORD.findall(text.lower().replace("_", " "))) | set(_WORD.findall(text.lower()))
