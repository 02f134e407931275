"""lock_contention: sessions wait for a lock somebody holds."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.context.blockers import Holder, holder
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.signatures.words import match_words
from backend.redaction.clean import one_line

_WORDS = re.compile(
    r"change ?log lock|DATABASECHANGELOGLOCK"
    r"|deadlock (?:detected|found)|found (?:one|\d+) Java-level deadlock|ORA-00060|deadlocked on lock"
    r"|DeadlockLoserDataAccess|deadlock victim"
    # Threads of one process that stand still, as thread dumps and watchdogs say it.
    r"|thread \[.{1,80}\] .{0,40}has been active for|StuckThread|waiting to lock monitor|all goroutines are asleep"
    r"|lock (?:wait )?timeout|could not obtain lock|CannotAcquireLock|LockNotAvailable|LockAcquisitionException"
    r"|still waiting for \w+Lock|waits? for \w+Lock|waiting for (?:\w+ ){0,2}lock|blocked by (?:pid|process)"
    r"|acquired \w+Lock .{0,40} after [\d.]+ ms|process \d+ (?:still )?waiting for|database (?:table )?is locked"
    r"|advisory lock (?:is )?(?:held|taken)|could not serialize access|Waiting for table metadata lock|ORA-00060"
    # Copies of files are kept behind a lock, too: another run, or a check, holds it.
    r"|acquire (?:\w+ ){0,2}lock\b.{0,120}\btime(?:d )?-?out|repository (?:\S+ )?is already locked"
    r"|ORA-00054|increase max_locks_per_transaction",
    re.IGNORECASE,
)

# A circle says more than a queue.
_DEADLOCK = re.compile(r"deadlock", re.IGNORECASE)


def match(facts: Facts) -> Finding | None:
    """A queue for locks, or words about one; with who holds it, where that is seen."""
    finding = match_words(
        facts,
        "lock_contention",
        _WORDS,
        "waits for a lock",
        "List who blocks whom; nobody waiting would rule it out.",
        any_level=True,
        telling=_DEADLOCK,
    )
    # In a circle everybody holds what another waits for.
    circle = finding is not None and _DEADLOCK.search(finding.statement)
    held = None if circle else holder(facts)
    if finding is None:
        return _listed(held, facts) if held is not None and held.since is not None else None
    if held is None:
        return finding
    statement = one_line(f"{finding.statement.rstrip('.')}; {held.said}", 600) + "."
    return replace(finding, statement=statement, supporting=finding.supported(held.cited(), after=1))


def _listed(held: Holder, facts: Facts) -> Finding | None:
    """Nobody says so, but the list of sessions that somebody keeps shows the queue and who is before it."""
    signals = trouble_signals(facts) or ([facts.alert] if facts.alert else [])
    if not signals:
        return None
    return Finding(
        category="lock_contention",
        statement=one_line(f"{name(facts)} has sessions that wait for a lock: {held.said}", 600) + ".",
        supporting=[*held.cited(), *signals[:3]],
        strength="strong",
        onset=held.since,
        disproof="List the sessions again: nobody waiting would rule it out.",
        rooted=True,
    )


SIGNATURE = Signature(
    "lock_contention", "a queue for locks, or words about one", ("slow_query", "connection_exhaustion"), match
)
