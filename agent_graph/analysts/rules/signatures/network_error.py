"""network_error: packets do not arrive or connections break, and nothing finer explains it."""

import re
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.loopback import of_itself
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from backend.investigation.kinds import Category, Citation
from backend.redaction.clean import one_line

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
# Changes of what lies between two ends, in the words of whoever made them.
_WAY = re.compile(
    r"firewall|security.?groups?|\bsg-\w+|network.?polic|ip(?:6)?tables|nftables|\bacls?\b|peerauth|m?tls\b|mesh|istio"
    r"|linkerd|cilium|calico|\brout(?:e|es|ing)\b|\bvpn\b|tunnel|peering|\bnat\b|egress|\bcni\b|\bmtu\b|\bvlan",
    re.IGNORECASE,
)
# The kernel drops what its own tables have no room for.
DROPPED = re.compile(r"table full, dropping packet|neighbou?r table overflow", re.IGNORECASE)
# How long before connections fail, and how little after the first that did, a change may be what broke them.
_JUST_BEFORE, _SLACK = timedelta(minutes=10), timedelta(minutes=2)
_CHECK = re.compile(r"time[d]? ?out|unreachable|no route|reset|refused|disconnected", re.IGNORECASE)


def match(facts: Facts) -> Finding | None:
    """Its own lines about connections, or our monitor that cannot get through."""
    dropped = facts.matching(DROPPED)
    lines = [*dropped, *(line for line in facts.matching(_WORDS) if line not in dropped and not of_itself(line))]
    check = facts.monitor.find(_CHECK) if facts.monitor is not None and facts.monitor.down else None
    if not lines and check is None:
        return None
    checked: list[Citation] = [check.model_copy(update={"note": "our own check cannot get through"})] if check else []
    signals = trouble_signals(facts)
    onset = first_at(lines) or (facts.monitor.down_since if facts.monitor else None)
    closed = [*(line.cite("the kernel drops packets") for line in dropped[:1]), *_closed(facts, onset)]
    changed = _changed(facts, onset)
    what = said(lines[0]) if lines else (check.quote.split(" down ", 1)[-1] if check else "")
    return Finding(
        category="network_error",
        statement=f"Connections to or from {name(facts)} fail: {what}{_since(changed)}.",
        supporting=[*(log_citations(lines) if lines else []), *closed, *changed, *(checked or signals)],
        strength="strong" if lines and (checked or signals or closed) else "weak",
        onset=onset,
        disproof="Connect from another place: if that works, the way there is the trouble, not the target.",
        explains=_BEHIND_A_CLOSED_WAY if lines and (closed or changed) else frozenset(),
        rooted=bool(lines and (closed or changed)),
    )


# What both ends complain of where nothing gets through between them.
_BEHIND_A_CLOSED_WAY: frozenset[Category] = frozenset(
    {"dependency_failure", "dns_failure", "connection_exhaustion", "probe_failure", "app_crash", "restart_loop"}
)


def _closed(facts: Facts, onset: datetime | None) -> list[Citation]:
    """Policies on the way that were made or changed just before."""
    ways = [s for s in facts.signs_of("network_error") if s.source == "kubernetes" and _just_before(s.at, onset)]
    return [s.cite("changed just before connections failed") for s in ways[:3]]


def _changed(facts: Facts, onset: datetime | None) -> list[Citation]:
    """What somebody registered as a change of the way, whatever it was made to."""
    found = [line for line in facts.changes if _WAY.search(line.text) and _just_before(line.at, onset)]
    return [line.cite("changed just before connections failed") for line in found[-2:]]


def _just_before(at: datetime | None, onset: datetime | None) -> bool:
    return at is not None and onset is not None and onset - _JUST_BEFORE <= at <= onset + _SLACK


def _since(changed: list[Citation]) -> str:
    return f"; just before: {one_line(changed[-1].quote, 200)}" if changed else ""


SIGNATURE = Signature(
    "network_error", "broken connections on both sides", ("dependency_failure", "dns_failure", "app_crash"), match
)
