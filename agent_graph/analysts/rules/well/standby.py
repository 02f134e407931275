"""The second of a pair is not ready because the first one leads: it waits for its turn, and says for whom."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.stood_in import only_missed
from backend.investigation.kinds import Category

_WAITS = re.compile(
    r"stand-?by|\bpassive|not (?:the )?(?:leader|active|primary)|(?:acquire|waiting for|wait for) (?:the )?lead",
    re.IGNORECASE,
)
# What its platform says of one that runs and is not ready; of more than that it is not the reason.
_NOT_READY = re.compile(r"^pod \S+: phase Running\b|: \d+ of \d+ replicas ready\b")
# What it looks like to others.
_LOOKS_LIKE: frozenset[Category] = frozenset({"probe_failure", "bad_deploy"})
_JUST = timedelta(minutes=10)


def stands_by(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The alert only misses it, it says who leads, and that one is there and ready."""
    waits = [line for line in [*facts.lines, *facts.usual] if _is_waiting(line, facts)]
    if not waits or not only_missed(facts) or set(likely) - _LOOKS_LIKE or complains(facts):
        return None
    if not all(_NOT_READY.search(signal.quote) for signal in trouble_signals(facts)):
        return None
    line, leader = waits[-1], _leader(waits[-1], facts)
    leads = [sign for sign in facts.signs_of("healthy", "strong") if sign.subject == leader]
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is not missed: the one that is not ready stands by for {leader}: {said(line, 240)}.",
        supporting=[line.cite("it stands by"), *(sign.cite("the one that leads") for sign in leads[:1])],
        strength="strong",
        disproof=f"Ask who leads now: nobody, or another than {leader}, would disprove it.",
    )


def _is_waiting(line: LogLine, facts: Facts) -> bool:
    """Lately said, as no complaint, with the name of one that is ready."""
    lately = line.at is not None and line.at >= facts.case.now - _JUST
    return lately and line.level in ("info", "debug", None) and bool(_WAITS.search(line.text) and _leader(line, facts))


def _leader(line: LogLine, facts: Facts) -> str:
    """Whom of its ready replicas it names; its own name in a log's prefix is not that of a ready one."""
    return next((pod for pod in facts.platform.get("runs_since", {}) if pod in line.message), "")
