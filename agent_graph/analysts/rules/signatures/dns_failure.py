"""dns_failure: a name cannot be resolved."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals

_WORDS = re.compile(
    r"no such host|name or service not known|temporary failure in name resolution|could not resolve|can(?:not"
    r"|'t) resolve|unable to resolve"
    r"|getaddrinfo|ENOTFOUND|EAI_AGAIN|EAI_NONAME|NXDOMAIN|SERVFAIL|UnknownHostException"
    r"|name resolution (?:failed|failure|error)"
    r"|lookup [\w.-]+(?: on [\d.:]+)?: |nodename nor servname|host not found in upstream"
    r"|no address associated with hostname",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """The resolver's words, from the target or from our own check."""
    lines = facts.matching(_WORDS)
    check = facts.monitor.find(_WORDS) if facts.monitor is not None else None
    if not lines and check is None:
        return None
    signals = [check] if check else trouble_signals(facts)
    what = said(lines[0]) if lines else (check.quote.split(" down ", 1)[-1] if check else "")
    return Finding(
        category="dns_failure",
        statement=f"A name that {name(facts)} needs cannot be resolved: {what}.",
        supporting=[*(log_citations(lines) if lines else []), *signals],
        strength="strong" if signals else "weak",
        onset=first_at(lines) or (facts.monitor.down_since if facts.monitor else None),
        disproof="Resolve the name from where it runs (getent hosts NAME): success would rule it out.",
        explains=frozenset({"dependency_failure", "network_error", "app_crash", "restart_loop"}),
    )


SIGNATURE = Signature("dns_failure", "the resolver's words", ("dependency_failure", "network_error"), match)
