"""Who borrowed connections and does not give them back: sessions idle in a transaction, code that a pool names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.parts import said
from backend.investigation.kinds import Citation

# Pools that watch what they lend (HikariCP, c3p0, DBCP, Agroal, SQLAlchemy, ActiveRecord) say so of what stays out.
_KEPT = re.compile(
    r"leak(?:ed)?\b.{0,60}(?:detect|connection|trigger)|connection.{0,40}\bleak|never (?:been )?(?:closed|returned)"
    r"|(?:not|without) (?:been )?(?:returned|closed|checked (?:back )?in)|abandoned connection|still checked out",
    re.IGNORECASE,
)
_FRAME = re.compile(r"^\s*(?:at |File \"|from |in )")
# Frames of runtimes, frameworks and pools are in every trace.
_NOT_OURS = re.compile(
    r"\bat (?:java|javax|jakarta|jdk|sun|com\.zaxxer|com\.sun|com\.mchange|org\.(?:spring|hibernate|apache|eclipse"
    r"|jboss|postgresql|mariadb)|io\.(?:agroal|netty|undertow|micrometer)|kotlin|scala)\b|site-packages|node_modules|/gems/"
)
# A call of another, by its address, that took all the time it was given; what waits in a pool is a pool's own matter.
_LATE = re.compile(r"tim(?:ed|e)[- ]?out|deadline exceeded|read timeout", re.IGNORECASE)
_CALLED = re.compile(r"https?://|\bhost[=: ]|cURL error|\b[a-z][\w-]*(?:\.[\w-]+)+:\d{2,5}\b", re.IGNORECASE)
_POOLS_OWN = re.compile(r"pool|connection is not available|acquir|checkout|QueuePool|idle object", re.IGNORECASE)
_TRACE = 12
# One or two are somebody at a console.
_SEVERAL = 3


@dataclass(frozen=True)
class Keeper:
    """Who it is, in a sentence, and what shows it."""

    said: str
    citations: tuple[Citation, ...]


def keeper(facts: Facts) -> Keeper | None:
    """The code that a pool names, what its sessions do in the server, else whom each of its workers waits for."""
    named, idle = _named(facts.lines), _idle(facts)
    found = [one for one in (named, idle) if one is not None] or [one for one in (_waited_for(facts),) if one]
    if not found:
        return None
    return Keeper("; ".join(one.said for one in found), tuple(c for one in found for c in one.citations))


def _named(lines: Sequence[LogLine]) -> Keeper | None:
    at = next((n for n, line in enumerate(lines) if _KEPT.search(line.text)), None)
    if at is None:
        return None
    trace = lines[at + 1 : at + _TRACE]
    frame = next((one for one in trace if _FRAME.search(one.message) and not _NOT_OURS.search(one.text)), None)
    where = f" in {said(frame).removeprefix('at ')}" if frame else ""
    citations = (lines[at].cite("kept"), *((frame.cite("by whom"),) if frame else ()))
    return Keeper(f"what was borrowed is kept{where} ({said(lines[at], 100)})", citations)


def _waited_for(facts: Facts) -> Keeper | None:
    """Calls of another that take their whole time: who waits as long for each of them is busy with waiting."""
    late = [line for line in facts.lines if not line.speaker and line.count >= _SEVERAL and _LATE.search(line.text)]
    late = [line for line in late if _CALLED.search(line.text) and not _POOLS_OWN.search(line.text)]
    if not late:
        return None
    return Keeper(f"each waits for {said(late[0], 200)}", (late[0].cite("what they wait for"),))


def _idle(facts: Facts) -> Keeper | None:
    """Sessions that sit idle in a transaction, where they are most of those that do anything."""
    idle = facts.platform.get("idle_in_transaction", [])
    signs: list[Sign] = [s for s in facts.signs if s.source == "postgres" and "idle in transaction" in s.quote]
    if len(idle) < _SEVERAL or not signs:
        return None
    longest = max(one["seconds"] for one in idle)
    means = f"{len(idle)} sessions sit idle in transaction, for up to {longest:.0f} s"
    return Keeper(means, tuple(sign.cite("it holds a connection and does nothing") for sign in signs[:1]))
