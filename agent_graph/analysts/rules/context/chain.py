"""Down a chain of services to its last link: whom the one that is complained of waits for itself, and how that one is.

Who stands between says whom it misses; the platform says whether that one is down. What neither says is not followed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import QUOTE_LIMIT, Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.sources.signs import aliases, belongs, stems
from agent_graph.wording import clock
from backend.investigation.kinds import Category, Citation
from backend.redaction.clean import one_line

# What is seen of a chain at its upper end.
_SEEN: frozenset[Category] = frozenset(
    {"dependency_failure", "network_error", "probe_failure", "app_crash", "connection_exhaustion", "dns_failure"}
)
_SERVICE = re.compile(r"\(\w+, service ([\w.-]+)\)")
# A name stands for a host with its port, at the end of a way to it, or with a hyphen or a dot that no plain word has.
_HOST = r"(?:(?<=//)|(?<=@)|(?<=host )|(?<=to )|(?<=host=)|(?<=lookup ))"
_BEFORE = timedelta(minutes=10)
_LINKS, _SHOWN = 3, 160


@dataclass(frozen=True)
class Party:
    """One service of those around: what it is called, what it says, and what the platform says of it being away."""

    name: str
    names: frozenset[str]
    lines: tuple[LogLine, ...]
    away: tuple[Sign, ...]


def links(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote each: what each link says of the next, and that the last one is away."""
    if finding.category not in _SEEN:
        return
    parties = _parties(facts)
    told = finding.quotes
    known = [
        party for party in parties if is_named(party, finding.statement) or any(s.quote in told for s in party.away)
    ]
    for first in known:
        way = _way(first, parties, known, finding.onset or facts.case.started_at)
        if way:
            for party, line, missed in way:
                yield f"{party.name} itself misses {missed.name}: {_part(line.message, missed)}", _cite(line, missed)
            yield _last(way[-1][2])
            return
    # Named among others in the complaint, and it is the one that the platform knows to be away.
    yield from (_last(one) for one in known[:1] if one.away and not any(s.quote in told for s in one.away))


def _last(party: Party) -> tuple[str, Citation]:
    """That it is away, best with the time since when."""
    sign = max(party.away, key=lambda s: s.at is not None)
    since = f" since {clock(sign.at, seconds=False)}" if sign.at else ""
    return f"{party.name} is down{since}: {sign.means or sign.quote}", sign.cite("the last of the chain")


def _way(
    first: Party, parties: Sequence[Party], known: Sequence[Party], began: datetime
) -> list[tuple[Party, LogLine, Party]]:
    """From link to link, as long as somebody says whom it misses; only if it ends with one that is away."""
    way: list[tuple[Party, LogLine, Party]] = []
    seen, at = {first.name, *(party.name for party in known)}, first
    while len(way) < _LINKS:
        others = [party for party in parties if party.name not in seen]
        missed = next(
            ((line, one) for line in _complaints(at, began) for one in others if is_named(one, line.text)), None
        )
        if missed is None:
            break
        way.append((at, *missed))
        at = missed[1]
        seen.add(at.name)
    while way and not way[-1][2].away:
        way.pop()
    return way


def _parties(facts: Facts) -> list[Party]:
    """All that are heard or seen beside the target, by what their replicas are called after."""
    away = [s for category in ("other_down", "other_off") for s in facts.signs_of(category) if s.subject]
    said = [line for line in [*facts.around, *facts.lines] if line.speaker]
    own, project = aliases(facts.case), facts.case.target.name.partition("-")[0] + "-"
    called = dict.fromkeys(_called(name) for name in [*(s.subject for s in away), *(line.speaker for line in said)])
    found: list[Party] = []
    for name in (name for name in called if not belongs(name, own)):
        signs = tuple(s for s in away if _called(s.subject) == name)
        lines = tuple(line for line in said if _called(line.speaker) == name)
        service = {known[1].lower() for s in signs if (known := _SERVICE.search(s.quote))}
        # Of one project (shop-web-1, shop-db-1) everybody is asked for by what its service is called.
        service |= {name.removeprefix(project).lower()}
        found.append(Party(name, frozenset({name.lower(), *service}), lines, signs))
    return found


def _called(name: str) -> str:
    """A pod after its workload, a member after its set."""
    name = name.rsplit("/", 1)[-1]
    return (stems(name) or [name])[0]


def _complaints(party: Party, began: datetime) -> list[LogLine]:
    bad = [line for line in party.lines if line.is_bad]
    return [line for line in bad if line.at is None or line.at >= began - _BEFORE]


def is_named(party: Party, text: str) -> bool:
    """Does the text name it as whom it asks, or misses?"""
    return _place(party, text) is not None


def _place(party: Party, text: str) -> re.Match[str] | None:
    """Where its name stands as that of a host; a plain word (db, cache) must be used as one."""
    for name in sorted(party.names, key=len, reverse=True):
        word = rf"(?<![\w-]){re.escape(name)}(?![\w-])"
        plain = "-" not in name
        found = re.search(rf"{_HOST}{word}|{word}(?=:\d|\.svc|\.\w+\.svc)" if plain else word, text, re.IGNORECASE)
        if found is not None:
            return found
    return None


def _part(message: str, missed: Party) -> str:
    """The part of the message in which it is named."""
    found = _place(missed, message)
    start = max(0, found.end() - _SHOWN) if found and found.end() > _SHOWN else 0
    return ("…" if start else "") + one_line(message[start : start + _SHOWN + 40], _SHOWN + 40).rstrip(".")


def _cite(line: LogLine, missed: Party) -> Citation:
    found = _place(missed, line.text)
    start = max(0, found.end() + 40 - QUOTE_LIMIT) if found else 0
    return Citation(
        evidence=line.evidence, quote=line.text[start : start + QUOTE_LIMIT].strip(), note="whom it misses itself"
    )
