"""Nobody behind one address gets a new connection to the outside: the ports that the address has are all in use."""

import re

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from backend.investigation.kinds import Category

# What gateways count that translate addresses, as the clouds call it: a port could not be given.
_NO_PORT = re.compile(
    r"error_?port_?allocation|port_?allocation_?(?:error|fail)|snat\w*(?:fail|exhaust)|nat_?allocation_?failed"
    r"|nat\w*dropped\w*\{[^}]*OUT_OF_RESOURCES",
    re.IGNORECASE,
)
_SYMPTOMS: frozenset[Category] = frozenset({"network_error", "dependency_failure", "rate_limited", "bad_deploy"})


def no_ports(facts: Facts) -> Finding | None:
    """Whoever stands between it and the outside is measured to have no port left, where it had."""
    signs = [s for s in facts.signs_of("trouble", "strong") if s.source == "prometheus" and _NO_PORT.search(s.quote)]
    if not signs:
        return None
    sign = signs[0]
    others = [c for c in trouble_signals(facts) if c.quote != sign.cite().quote]
    return Finding(
        category="connection_exhaustion",
        statement=f"{name(facts)} gets no connections to the outside: the address that it goes out by has no port left"
        f" to give{_since(sign, facts)}: {sign.quote[:200]}. All who go out there share them.",
        supporting=[sign.cite("ports that could not be given"), *others[:3]],
        strength="strong",
        onset=sign.at,
        explains=_SYMPTOMS,
        disproof="Count the connections through it by who opened them: plenty of free ports would rule it out.",
        rooted=True,
    )


def _since(sign: Sign, facts: Facts) -> str:
    at = sign.at or next((m.change_at for m in facts.metrics if m.cite().quote == sign.cite().quote), None)
    return f" since {at:%H:%M} UTC" if at else ""
