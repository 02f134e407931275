"""The check still expects the address before a move that was announced: the new one is what it gets."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.answers import values_of, wrong_answer
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from backend.investigation.kinds import Category

_ANNOUNCED = re.compile(
    r"announc|planned|schedul|maintenance|\bmov(?:e|es|ed|ing)\b|migrat|cut-?over|renumber", re.IGNORECASE
)
# Whoever says it only as he does it has announced nothing.
_AHEAD, _LONGEST = timedelta(minutes=30), timedelta(days=30)


def new_address(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Somebody registered ahead from which address to which, and that is all that is seen of it."""
    found = wrong_answer(facts)
    if found is None or not found.got or not found.wanted or set(likely) - {"dns_failure"} or complains(facts):
        return None
    early = [c for c in facts.changes if c.at and found.since - _LONGEST <= c.at <= found.since - _AHEAD]
    told = [c for c in early if _ANNOUNCED.search(c.message) and found.got | found.wanted <= values_of(c.text)]
    told = [c for c in told if max(map(c.text.rfind, found.wanted)) < min(map(c.text.rfind, found.got))]
    if not told or any(cite.quote != found.check.quote for cite in trouble_signals(facts)):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} moved to its new address as announced ({said(told[-1], 240)}); the check still"
        " expects the old one.",
        supporting=[told[-1].cite("it was announced"), found.check.model_copy(update={"note": "the new address"})],
        strength="strong",
        disproof="Ask the new address for a page: no answer there would be an incident.",
    )
