"""network_error: packets do not arrive or connections break, and nothing finer explains it."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from backend.investigation.kinds import Citation

_WORDS = re.compile(
    r"network is unreachable|ENETUNREACH|no route to host|connection (?:timed out|reset)|ECONNRESET|ETIMEDOUT"
    r"|reset by peer|i/o timeout|socket hang up|SocketTimeoutException|(?:read|connect|write) ?timed out"
    r"|(?:Read|Connect)Timeout\b"
    r"|broken pipe|\bEPIPE\b|(?:TLS )?handshake timeout|connection aborted|packet loss|context deadline exceeded"
    r"|DeadlineExceeded"
    r"|DEADLINE_EXCEEDED|Client\.Timeout exceeded|upstream (?:request timeout|timed out|prematurely closed)"
    r"|upstream_response_timeout"
    r"|neighbor table overflow|link is (?:down|not ready)|unexpected EOF|connection was forcibly closed",
    re.IGNORECASE,
)
_CHECK = re.compile(r"time[d]? ?out|unreachable|no route|reset|refused|disconnected", re.IGNORECASE)


def match(facts: Facts) -> Finding | None:
    """Its own lines about connections, or our monitor that cannot get through."""
    lines = facts.matching(_WORDS)
    check = facts.monitor.find(_CHECK) if facts.monitor is not None and facts.monitor.down else None
    if not lines and check is None:
        return None
    checked: list[Citation] = [check.model_copy(update={"note": "our own check cannot get through"})] if check else []
    signals = trouble_signals(facts)
    what = said(lines[0]) if lines else (check.quote.split(" down ", 1)[-1] if check else "")
    return Finding(
        category="network_error",
        statement=f"Connections to or from {name(facts)} fail: {what}.",
        supporting=[*(log_citations(lines) if lines else []), *(checked or signals)],
        strength="strong" if lines and (checked or signals) else "weak",
        onset=first_at(lines) or (facts.monitor.down_since if facts.monitor else None),
        disproof="Connect from another place: if that works, the way there is the trouble, not the target.",
    )


SIGNATURE = Signature(
    "network_error", "broken connections on both sides", ("dependency_failure", "dns_failure", "app_crash"), match
)
