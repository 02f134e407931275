"""What waits for another party that said it would not be there in these hours: it waits as that party announced."""

import re
from collections.abc import Iterator, Sequence

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.hours import in_force
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.signs import aliases
from backend.investigation.kinds import AlertFact, Category, Citation

_ABSENCE = re.compile(
    r"maintenance|down-?time|planned|out of (?:service|hours)|outage|unavailable"
    r"|not (?:available|reachable)|unreachable|clos(?:ed|es|ing)|shut(?:s|ting)? down"
    r"|offline|no (?:\w+ ){0,2}(?:exchange|service|delivery|processing|pick-?up|settlement)",
    re.IGNORECASE,
)
# Labels of the way to whoever is at the other end. Where something itself is, its own maintenance is of.
_TOWARDS = re.compile(
    r"(?:\w+_)?(?:route|upstream|partner|peer|provider|gateway|supplier|carrier|bank|channel|remote|destination"
    r"|connector|endpoint_group|counterpart\w*|third_?party|integration|acquirer|exchange|backend|interface)"
)
# What waits, and is not lost; and what is.
_WAITS = re.compile(r"wait|pending|backlog|queue|unsent|outbox|oldest|(?:^|_)(?:age|lag)(?:_|\b)", re.IGNORECASE)
_LOST = re.compile(r"fail(?!-?over)|error|refus|reject|declin|denied|\blost\b|dropp|[45]xx|\b50\d\b", re.IGNORECASE)
# So short a name may be any word of a sentence.
_LONG_ENOUGH = 4
_LOOKS_LIKE: frozenset[Category] = frozenset({"lock_contention", "dependency_failure"})


def other_side_away(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All alerts and all that is too high are of the way to one party, whose hours away were registered and hold."""
    parties = [{*_parties(alert.labels, facts), *_named(alert, facts)} for alert in facts.case.alerts]
    shared = set[str].intersection(*parties) if parties else set[str]()
    found = [(party, change) for party in sorted(shared) for change in facts.changes if _away(change, party, facts)]
    trouble, good = trouble_signals(facts), good_signs(facts)
    if not found or not trouble or not good or set(likely) - _LOOKS_LIKE or complains(facts):
        return None
    party, change = found[-1]
    if any(f'="{party}"' not in signal.quote for signal in trouble):
        return None
    told = [m for m in facts.metrics if f'="{party}"' in m.line and _held(m.line) and m.last == 1]
    if _is_lost(facts, trouble) or not (told or all(_waits(signal, facts) for signal in trouble)):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} keeps what is for {party} until that is there again, as was announced:"
        f" {said(change, 300)}.",
        supporting=[
            change.cite("its hours away were announced"),
            *(metric.cite("held meanwhile") for metric in told[:1]),
            trouble[0].model_copy(update={"note": "waits for it"}),
            *good[:3],
        ],
        strength="strong",
        disproof="Look again when the announced hours are over: not worked off then, it would be an incident.",
    )


def _waits(signal: Citation, facts: Facts) -> bool:
    """Is it measured as what waits: how much, or since when?"""
    queues = {metric.cite().quote for metric in facts.metrics if metric.role == "queue"}
    return signal.quote in queues or _WAITS.search(re.split(r"[{:]", signal.quote)[0]) is not None


def _is_lost(facts: Facts, trouble: Sequence[Citation]) -> bool:
    """Does an alert or what is too high speak of failures? What fails does not wait."""
    fails = {metric.cite().quote for metric in facts.metrics if metric.role in ("errors", "few_errors")}
    said = [text for alert in facts.case.alerts for text in (alert.name, *alert.annotations.values())]
    said += [signal.quote.partition(": ")[0] for signal in trouble]
    return any(signal.quote in fails for signal in trouble) or any(_LOST.search(text) for text in said)


def _held(line: str) -> bool:
    return re.search(r"hold|held|paus|suspend|maintenance", line.partition(": ")[0], re.IGNORECASE) is not None


def _parties(labels: dict[str, str], facts: Facts) -> Iterator[str]:
    own = {*aliases(facts.case), facts.case.target.namespace}
    for key, value in labels.items():
        if _TOWARDS.fullmatch(key) and value not in own:
            yield value


def _named(alert: AlertFact, facts: Facts) -> Iterator[str]:
    """Parties that the alert speaks of in its words, as the ways to them are labelled."""
    told = " ".join(alert.annotations.values())
    for metric in facts.metrics:
        for party in _parties(metric.labels, facts):
            if len(party) >= _LONG_ENOUGH and re.search(rf"(?<!\w){re.escape(party)}(?!\w)", told, re.IGNORECASE):
                yield party


def _away(change: LogLine, party: str, facts: Facts) -> bool:
    """Is it registered of the party itself, that it is not there now?"""
    head, _, summary = change.message.partition(": ")
    own = re.split(r"[/\s,@]+", head.lower())[1:]
    return party.lower() in own and _ABSENCE.search(summary) is not None and in_force(change, facts)
