"""connection_exhaustion: a pool, a server's connection slots or the file descriptors are used up."""

import re
from collections.abc import Sequence
from itertools import pairwise

from agent_graph.analysts.rules.context.keepers import keeper
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.held_by import held_by_another
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said, trouble_signals
from agent_graph.analysts.rules.signatures.network_error import DROPPED
from agent_graph.analysts.rules.signatures.no_ports import no_ports

_WORDS = re.compile(
    # Servers that let nobody in any more: PostgreSQL, PgBouncer, MySQL, Redis, nginx.
    r"too many (?:clients|(?:open )?connections|open files)|remaining connection slots"
    r"|max(?:imum)?[ _](?:number of )?(?:client_?)?conn"
    r"|connection limit \(\d+\) is reached|too many simultaneous queries|blocked because of many connection errors"
    r"|max number of clients|already has more than '?max_user_connections|no more connections allowed"
    r"|query_wait_timeout|worker_connections are not enough|MongoWaitQueueFull"
    # Pools of clients: JDBC, SQLAlchemy, psycopg, ActiveRecord, Knex, Sequelize, Prisma, .NET, Envoy.
    r"|(?:connection )?pool(?!ed|\().{0,60}(?:exhausted|timeout|timed out|is full|limit (?:of|reached|exceeded)"
    r"|no free|starved|empty)"
    r"|PoolTimeout"
    r"|QueuePool limit|Connection is not available, request timed out|ConnectionAcquireTimeout"
    r"|pooled connections were in use"
    r"|(?:timeout|timed out).{0,40}(?:acquiring|waiting for|getting|checkout|checking out|fetching|idle object).{0,40}"
    r"(?:connection|object)|timeout exceeded when trying to connect|prior to obtaining a connection"
    r"|couldn'?t get a connection|no (?:more|free|available) connections?\b|connections? exhausted"
    r"|could not (?:acquire|obtain|get) .{0,20}(?:connection|resource since the pool)|reset reason: overflow"
    r"|all connections (?:are )?(?:in use|busy)|waiting for (?:a )?(?:free |idle )?connection from (?:the )?pool"
    # The machine's own: descriptors, ports, tracked connections.
    r"|max_children|reached maxconn|SYN flooding|fork: retry: |can.t start new thread"
    r"|unable to create (?:new )?native thread"
    r"|\bEMFILE\b|\bENFILE\b|EADDRNOTAVAIL|cannot assign requested address|conntrack: table full",
    re.IGNORECASE,
)

# A pool without a single connection is not used up: it cannot get any, and something else says why.
_EMPTY = re.compile(r"\btotal=0\b|\bactive=0\b")

# How near to its limit a pool is full, and how far from it has room again, for so many points after some seconds.
_NEAR, _ROOM, _LEAST, _SOON = 0.8, 0.5, 5, 60.0
_THREADS = re.compile(r"native thread|new thread|\bfork\b", re.IGNORECASE)

# Servers that turn clients away call it information.
_TURNED_AWAY = re.compile(r"refused because there are too many|too many open connections", re.IGNORECASE)


def match(facts: Facts) -> Finding | None:
    """The words, or connections at nine tenths of what the server allows."""
    # What the kernel drops for want of room in its own tables is lost on the way: no server refused it.
    lines = [line for line in facts.matching(_WORDS) if not (_EMPTY.search(line.text) or DROPPED.search(line.text))]
    turned_away = facts.matching(_TURNED_AWAY, any_level=True)
    lines = lines or turned_away
    used, most = (*(m for m in facts.metrics if m.role == "pg_connections"), None, None)[:2]
    full = used is not None and (used.share or 0) >= 0.9 and not _has_room_again(used)
    if not lines and not full:
        return no_ports(facts)
    measured = [used.cite("close to the limit")] if full and used else []
    measured += [most.cite("who has most of them")] if full and used and most and _part_of(used, most) else []
    signals = trouble_signals(facts) + measured
    signals += [facts.alert] if turned_away and facts.alert is not None and not signals else []
    what = f": {said(lines[0])}" if lines else ""
    kept = keeper(facts)
    what += f"; {kept.said}" if kept else ""
    return Finding(
        category="connection_exhaustion",
        statement=f"{_whose(facts, lines)}{what}.",
        supporting=[
            *(log_citations(lines)[:1] if lines else []),
            *(kept.citations if kept else []),
            *(log_citations(lines)[1:] if lines else []),
            *reversed(measured),
            *signals,
        ],
        strength="strong" if signals else "weak",
        onset=onset(first_at(lines), used.change_at if used else None),
        disproof="Count the open connections by client and state; plenty of free ones would rule it out.",
    )


def _has_room_again(used: Metric) -> bool:
    """Was it filled for a while, once, and is far from full since?"""
    levels = [value >= _NEAR * (used.limit or 0) for _, value in used.points]
    near = [at for (at, _), full in zip(used.points, levels, strict=True) if full]
    once = sum(b and not a for a, b in pairwise(levels)) <= 1
    calm = [value for at, value in used.points if near and at > near[-1] + _SOON]
    return once and len(calm) >= _LEAST and max(calm) < _ROOM * (used.limit or 0)


def _part_of(used: Metric, most: Metric) -> bool:
    """Is it what one party has of the same, and not another pool?"""
    return used.evidence == most.evidence and most.highest <= used.highest and most.line != used.line


def _whose(facts: Facts, lines: Sequence[LogLine]) -> str:
    """Who has used them up: the target its own, or another what they share."""
    held = held_by_another(facts)
    if held:
        return f"{name(facts)} gets no connection any more, {held['held']} of {held['of']} are held by {held['name']}"
    threads = any(_THREADS.search(line.text) for line in lines[:1])
    return f"{name(facts)} has used up {'the threads and processes it may have' if threads else 'its connections'}"


SIGNATURE = Signature(
    "connection_exhaustion", "the words of a pool or server, with a failing check", ("dependency_failure",), match
)
