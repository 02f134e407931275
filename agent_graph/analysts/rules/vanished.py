"""Names that are gone because who bears them is: an engine resolves a container's name only while it runs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent_graph.analysts.rules.causes import EXPLAINS
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.neighbours import own_words
from agent_graph.analysts.rules.parts import name, said
from agent_graph.sources.signs import when
from agent_graph.wording import clock
from backend.investigation.kinds import Citation

# Who was made anew so shortly before names failed, and does not come up, was broken by that.
_ANEW, _SLACK = timedelta(minutes=30), timedelta(minutes=2)
_CREATED, _SERVICE = re.compile(r"\bcreated (\S+Z)\b"), re.compile(r"\(\w+, service ([\w.-]+)\)")
_WORD = re.compile(r"[A-Za-z0-9][\w-]*")
# A name of somewhere else: its domain is none of the engine's.
_OF_A_DOMAIN = re.compile(r"\b[a-z0-9][\w-]*(?:\.[a-z0-9-]+)*\.(?:[a-z]{2,24})\b(?!\()")
# As clients say which name they asked for; one with a domain is none of the engine's.
_ASKED = re.compile(
    r"://(?:[^\s/@]{0,200}@)?([a-z][\w-]*)(?![\w.-])|\blookup ([a-z][\w-]*)(?![\w.-])"
    r"|\b(?:ENOTFOUND|EAI_AGAIN) ([a-z][\w-]*)(?![\w.-])"
    r"|\b(?:host(?: ?name)?|resolve)\b[ :=]{0,3}[\"'`]?([a-z][\w-]*)(?![\w.-])",
    re.IGNORECASE,
)
_OF_A_REPLICA = re.compile(r"[-_]\d+$")
_RESOLVED = re.compile(r"not known|EAI_\w+|getaddrinfo|ENOTFOUND|no such host|resol\w+|lookup", re.IGNORECASE)


@dataclass(frozen=True)
class Absent:
    """Who does not run. `names`: by which it is asked for. `state`: the same in a sentence."""

    who: str
    names: frozenset[str]
    quote: Citation
    state: str


def blamed_on_absent(findings: Sequence[Finding], facts: Facts) -> list[Finding]:
    """The findings, with the one who is away in the place of the name that is not found, where it is that one's."""
    unknown = next((f for f in findings if f.category == "dns_failure"), None)
    gone = _gone(unknown, facts) if unknown is not None else None
    if unknown is None or gone is None:
        return list(findings)
    found = _instead(unknown, gone, facts)
    return [found, *(f for f in findings if f.category not in ("dns_failure", found.category))]


def _gone(unknown: Finding, facts: Facts) -> Absent | None:
    """Whose name they are that are not found; the only one that is down, where no name was told."""
    absent = _absent(facts)
    asked = [c.quote for c in unknown.supporting if _RESOLVED.search(c.quote)]
    words = {word.lower() for quote in asked for word in _WORD.findall(quote)}
    named = [one for one in absent if one.names & words]
    named = named or _by_service(absent, asked, facts)
    if named:
        return named[0]
    told = any(_OF_A_DOMAIN.search(quote[found.start() :]) for quote in asked if (found := _RESOLVED.search(quote)))
    down = [one for one in absent if any(s.subject == one.who for s in facts.signs_of("other_down"))]
    return down[0] if len(down) == 1 and asked and not told else None


def _by_service(absent: Sequence[Absent], asked: Sequence[str], facts: Facts) -> list[Absent]:
    """The one that is asked for by its service, which ends its name: shop-cache-1 is cache.

    Only where nobody who runs is called so: the engine would find that one.
    """
    told = [next(one for one in found.groups() if one) for quote in asked for found in _ASKED.finditer(quote)]
    hosts = {one.lower().replace("_", "-") for one in told}
    meant = [one for one in absent if _services(one.who) & hosts]
    siblings = (facts.target.data.get("siblings") or {}) if facts.target else {}
    running = {service for who, state in siblings.items() if state == "running" for service in _services(who)}
    return meant if len(meant) == 1 and not _services(meant[0].who) & hosts & running else []


def _services(who: str) -> set[str]:
    """What may be the service in a container's name, without the project before it and the replica behind it."""
    parts = re.split(r"[-_]", _OF_A_REPLICA.sub("", who.lower()))
    return {"-".join(parts[place:]) for place in range(len(parts))}


def _absent(facts: Facts) -> list[Absent]:
    """Containers beside the target that do not run, or go round in circles."""
    found: dict[str, Absent] = {}
    for sign in [*facts.signs_of("other_down"), *facts.signs_of("dependency_failure")]:
        if sign.source != "docker" or not sign.subject or sign.quote.endswith("unhealthy"):
            continue
        service = _SERVICE.search(sign.quote)
        names = {sign.subject.lower(), str(service[1] if service else sign.subject).lower()}
        state = sign.quote.partition(": ")[2]
        found[sign.subject] = Absent(sign.subject, frozenset(names), sign.cite("it is away"), state)
    container = facts.target
    for sibling, state in ((container.data.get("siblings") or {}) if container else {}).items():
        if container is not None and state in ("exited", "stopped", "dead", "created", "restarting"):
            quote = container.cite("other containers that do not run", f"{sibling} is {state}")
            found.setdefault(sibling, Absent(sibling, frozenset({sibling.lower()}), quote, state))
    return list(found.values())


def _instead(unknown: Finding, gone: Absent, facts: Facts) -> Finding:
    own, at = own_words(facts, gone.who), _made_anew(gone, unknown.onset)
    state = f"was made anew at {clock(at)} and does not come up since" if at else f"does not run ({gone.state})"
    words = f"; {gone.who} itself says: {said(own, 300)}" if own is not None else ""
    return replace(
        unknown,
        category="bad_deploy" if at else "dependency_failure",
        statement=f"{name(facts)} cannot reach {gone.who}: it {state}, so that its name is not found{words}.",
        supporting=unknown.supported([gone.quote, *_cited(own)], after=1),
        strength="proof",
        onset=at or unknown.onset,
        explains=EXPLAINS["dns_failure"] | EXPLAINS["bad_deploy"] | {"dependency_failure", "dns_failure"},
        disproof=f"Start {gone.who}: a name that is not found then would rule it out.",
        rooted=True,
    )


def _cited(own: LogLine | None) -> list[Citation]:
    return [own.cite("its own words")] if own is not None else []


def _made_anew(gone: Absent, onset: datetime | None) -> datetime | None:
    created = _CREATED.search(gone.quote.quote)
    at = when(created[1]) if created else None
    return at if at and onset and -_SLACK <= onset - at <= _ANEW else None
