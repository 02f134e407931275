"""network_error: packets do not arrive or connections break, and nothing finer explains it."""

import re

from agent_graph.analysts.rules.blocked import blocked, in_words
from agent_graph.analysts.rules.context.link_speed import slower_in_words, slower_link
from agent_graph.analysts.rules.context.packet_sizes import in_a_sentence, too_large
from agent_graph.analysts.rules.context.towards import towards
from agent_graph.analysts.rules.context.ways import changed_ways, closed_ways, just_before, outside
from agent_graph.analysts.rules.cut_off import cut_off
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.loopback import of_itself
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from agent_graph.analysts.rules.signatures.large_lost import large_lost
from agent_graph.analysts.rules.signatures.walled_off import walled_off
from agent_graph.analysts.rules.signatures.ways_lost import ways_lost
from backend.investigation.kinds import Category, Citation

_WORDS = re.compile(
    r"network is unreachable|ENETUNREACH|no route to host|connection (?:timed out|reset)|ECONNRESET|ETIMEDOUT"
    r"|reset by peer|i/o timeout|socket hang up|SocketTimeoutException|(?:read|connect|write) ?timed out"
    r"|(?:Read|Connect)Timeout\b"
    r"|broken pipe|\bEPIPE\b|(?:TLS )?handshake timeout|connection aborted|packet loss|context deadline exceeded"
    r"|DeadlineExceeded"
    r"|DEADLINE_EXCEEDED|Client\.Timeout exceeded|upstream (?:request timeout|timed out|prematurely closed)"
    r"|upstream_response_timeout"
    # Whoever stands by for another hears no more of it.
    r"|advertisement timeout|neighbor table overflow|link is (?:down|not ready)|unexpected EOF"
    r"|connection was forcibly closed",
    re.IGNORECASE,
)
# The kernel drops what its own tables have no room for.
DROPPED = re.compile(r"table full, dropping packet|neighbou?r table overflow", re.IGNORECASE)
# Members of a cluster that have parted say so of each other.
_PARTED = re.compile(
    r"running_partitioned_network|inconsistent_database|split[- ]brain|\bpartitioned from"
    r"|(?:network|cluster) partition(?:ed)? detected|we.re in a minority",
    re.IGNORECASE,
)
_CHECK = re.compile(r"time[d]? ?out|unreachable|no route|reset|refused|disconnected", re.IGNORECASE)
_UNANSWERED = re.compile(r"time[d]? ?out|unreachable|no route", re.IGNORECASE)
_CHANGED = "changed just before connections failed"


def match(facts: Facts) -> Finding | None:
    """Its own lines about connections, or our monitor that cannot get through."""
    seen = [*(dropped := facts.matching(DROPPED)), *(parted := facts.matching(_PARTED))]
    lines = [*seen, *(line for line in facts.matching(_WORDS) if line not in seen and not of_itself(line))]
    check = facts.monitor.find(_CHECK) if facts.monitor is not None and facts.monitor.down else None
    walled = blocked(facts)
    if not lines and check is None:
        return walled_off(facts) or ways_lost(facts) or large_lost(facts)
    checked: list[Citation] = [check.model_copy(update={"note": "our own check cannot get through"})] if check else []
    signals = trouble_signals(facts)
    onset = first_at(lines) or (facts.monitor.down_since if facts.monitor else None)
    shut, made = closed_ways(facts, onset), changed_ways(facts, onset)
    closed = [line.cite("the kernel drops packets") for line in dropped[:1]] + [s.cite(_CHANGED) for s in shut]
    closed += [line.cite("its firewall drops packets") for line in walled[:1]]
    closed += [line.cite("they do not see each other") for line in parted[:1]]
    closed += [line.cite("it reaches nobody, and no resolver") for line in cut_off(facts)[:1]]
    closed += slower_link(facts, onset)
    large = too_large(facts, onset) if lines else []
    closed += [line.cite("large packets do not arrive") for line in large]
    changed = [line.cite(_CHANGED) for line in made]
    # What was seen to be closed is no guess: a firing alert stands behind it as behind any other words.
    alarmed = [facts.alert] if closed and facts.alert is not None else []
    # Nobody answers, not even with a refusal, since the way there was changed: the packets do not arrive.
    lost = check is not None and _UNANSWERED.search(check.quote) is not None
    what = f"{said(lines[0])}{towards(lines)}" if lines else (check.quote.split(" down ", 1)[-1] if check else "")
    what += slower_in_words(facts, onset) + in_words(walled) + in_a_sentence(large)
    return Finding(
        category="network_error",
        statement=f"Connections to or from {name(facts)} fail: {what}{just_before([], made)}{outside(facts, lines)}.",
        supporting=[*(log_citations(lines) if lines else []), *closed, *changed, *(checked or signals or alarmed)],
        strength="strong" if (lines and (checked or signals or closed)) or (lost and (changed or walled)) else "weak",
        onset=onset,
        disproof="Connect from another place: if that works, the way there is the trouble, not the target.",
        explains=_BEHIND_A_CLOSED_WAY if lines and (closed or changed) else frozenset(),
        rooted=bool(lines and (closed or changed)),
    )


# What both ends complain of where nothing gets through between them.
_BEHIND_A_CLOSED_WAY: frozenset[Category] = frozenset(
    {"dependency_failure", "dns_failure", "connection_exhaustion", "probe_failure", "app_crash", "restart_loop"}
)


SIGNATURE = Signature(
    "network_error", "broken connections on both sides", ("dependency_failure", "dns_failure", "app_crash"), match
)
