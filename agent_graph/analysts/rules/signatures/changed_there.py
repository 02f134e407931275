"""Trouble of a neighbour that was changed itself, later than the target and just before: its own change is nearer."""

from datetime import datetime, timedelta

from agent_graph.analysts.rules.context.beforehand import target_of
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.sources.signs import aliases, belongs

# How soon a change shows where it was made, and how well clocks agree.
_AT_ONCE, _CLOCKS = timedelta(minutes=12), timedelta(minutes=1)


def changed_there(facts: Facts, since: datetime | None) -> list[LogLine]:
    """The change of the neighbour with whom it began, where that was made after the target's own."""
    own = aliases(facts.case)
    troubled = [s for s in facts.signs if s.category.startswith("elsewhere:") and s.weight == "strong" and s.at]
    found: list[LogLine] = []
    for sign in troubled:
        for change in facts.changes:
            of_it = any(belongs(word, [sign.subject]) and not belongs(word, own) for word in target_of(change))
            if of_it and change.at and sign.at and since and since < change.at <= sign.at + _CLOCKS:
                found += [change] if sign.at - change.at <= _AT_ONCE else []
    return found[:1]
