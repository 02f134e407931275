"""dns_failure: a name cannot be resolved."""

import re

from agent_graph.analysts.rules.answers import wrong_answer
from agent_graph.analysts.rules.context.ways import changed_ways, closed_ways, just_before
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.neighbours import resolvers_down
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals

_WORDS = re.compile(
    # libc and what shows its words: Python, PHP, Ruby, curl, psql, Rust.
    r"name or service not known|(?:temporary|permanent) failure in name resolution|nodename nor servname"
    r"|no address associated with hostname|getaddrinfo|EAI_AGAIN|EAI_NONAME|could not translate host name"
    r"|(?:could not|can(?:not|'t)|unable to|failed to) (?:resolve|lookup)\b(?! (?:reference|image|module|dependenc"
    r"|symbol|conflict|view|type|bean|placeholder))"
    r"|name ?resolution ?(?:failed|failure|error)|NameResolutionError|failed to lookup address"
    # Go, Node, Java, .NET, browsers, gRPC.
    r"|no such host|lookup [\w.-]+(?: on [\d.:\[\]a-f]+)?: |\bENOTFOUND\b|UnknownHostException|ERR_NAME_NOT_RESOLVED"
    r"|name resolver error|DNS resolution failed|\bdns error\b"
    # Proxies and resolvers.
    r"|host not found in upstream|could not be resolved \(|NXDOMAIN|SERVFAIL|no nameservers found"
    r"|concurrent DNS queries reached|server can't find"
    r"|plugin/errors: .{0,200}(?:timeout|unreachable|refused)|read udp [\d.:>\[\]a-f-]+:53: "
    r"|:53: (?:i/o timeout|connect)",
    re.IGNORECASE,
)
# Who has no descriptor, port or memory left to ask with did not ask: the end of what it says is why, not the name.
_UNASKED = re.compile(
    r"too many open files|\bEMFILE\b|\bENFILE\b|can(?:not|'t) assign requested address|EADDRNOTAVAIL"
    r"|no buffer space available|cannot allocate memory|\bENOMEM\b|can't start new thread",
    re.IGNORECASE,
)
_CHANGED = "changed just before names could not be resolved"


def match(facts: Facts) -> Finding | None:
    """The resolver's words, from the target or from our own check."""
    lines = [line for line in facts.matching(_WORDS) if not _UNASKED.search(line.text)]
    check = facts.monitor.find(_WORDS) if facts.monitor is not None else None
    if not lines and check is None:
        return _resolved_wrongly(facts)
    down = [s.cite("the cluster's resolver is down") for s in resolvers_down(facts)[:2]]
    signals = [check, *down] if check else [*down, *trouble_signals(facts)]
    onset = first_at(lines) or (facts.monitor.down_since if facts.monitor else None)
    # Who may not reach its resolver cannot resolve any name: what shut the way tells more than the names.
    shut, made = closed_ways(facts, onset), changed_ways(facts, onset)
    changed = [*(line.cite(_CHANGED) for line in made), *(s.cite(_CHANGED) for s in shut)]
    what = said(lines[0]) if lines else (check.quote.split(" down ", 1)[-1] if check else "")
    return Finding(
        category="dns_failure",
        statement=f"A name that {name(facts)} needs cannot be resolved: {what}{just_before(shut, made)}.",
        supporting=[*(log_citations(lines) if lines else []), *changed, *signals],
        strength="strong" if signals else "weak",
        onset=onset,
        disproof="Resolve the name from where it runs (getent hosts NAME): success would rule it out.",
    )


def _resolved_wrongly(facts: Facts) -> Finding | None:
    """Our check of a name gets an answer, and not the one that it should get; and who wrote that answer."""
    found = wrong_answer(facts)
    if found is None:
        return None
    by = f"; {said(found.wrote[0], 200)}" if found.wrote else ""
    return Finding(
        category="dns_failure",
        statement=f"{name(facts)} resolves to something else than it should: {found.said}{by}.",
        supporting=[found.check, *(line.cite("it names the wrong answer") for line in found.wrote[:2])],
        strength="strong",
        onset=found.since,
        disproof="Ask the servers of its zone: the right answer there would leave a cache, or the check, to blame.",
    )


SIGNATURE = Signature("dns_failure", "the resolver's words", ("dependency_failure", "network_error"), match)
