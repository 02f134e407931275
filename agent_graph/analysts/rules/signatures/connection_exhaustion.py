"""connection_exhaustion: a pool, a server's connection slots or the file descriptors are used up."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said, trouble_signals

_WORDS = re.compile(
    r"too many (?:clients|connections|open files)|remaining connection slots|EMFILE|ENFILE"
    r"|(?:connection )?pool.{0,40}(?:exhausted|timeout|timed out"
    r"|is full|limit|no free|starved|empty)|QueuePool limit|Connection is not available, request timed out"
    r"|max(?:imum)?[ _]connections"
    r"|(?:timeout|timed out).{0,30}(?:acquiring|waiting for|getting|checkout).{0,30}connection|no (?:more"
    r"|free|available) connections?"
    r"|could not (?:acquire|obtain|get) .{0,20}connection|connections? exhausted"
    r"|all connections (?:are )?(?:in use|busy)",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """The words, or connections at nine tenths of what the server allows."""
    lines, used = facts.matching(_WORDS), facts.metric("pg_connections")
    full = used is not None and (used.share or 0) >= 0.9
    if not lines and not full:
        return None
    signals = trouble_signals(facts) + ([used.cite("close to the limit")] if full and used else [])
    what = f": {said(lines[0])}" if lines else ""
    return Finding(
        category="connection_exhaustion",
        statement=f"{name(facts)} has used up its connections{what}.",
        supporting=[*(log_citations(lines) if lines else []), *signals],
        strength="strong" if signals else "weak",
        onset=onset(first_at(lines), used.change_at if used else None),
        disproof="Count the open connections by client and state; plenty of free ones would rule it out.",
        explains=frozenset({"dependency_failure", "network_error", "app_crash"}),
    )


SIGNATURE = Signature(
    "connection_exhaustion", "the words of a pool or server, with a failing check", ("dependency_failure",), match
)
