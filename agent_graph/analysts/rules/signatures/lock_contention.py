"""lock_contention: sessions wait for a lock somebody holds."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"deadlock detected|lock wait timeout|lock timeout"
    r"|canceling statement due to lock timeout|could not obtain lock"
    r"|still waiting for \w+Lock"
    r"|waiting for (?:\w+ )?lock|acquired \w+Lock .{0,40} after [\d.]+ ms|LockNotAvailable"
    r"|process \d+ (?:still )?waiting for|database is locked|blocked by pid",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """A queue for locks, or words about one."""
    return match_words(
        facts,
        "lock_contention",
        _WORDS,
        "waits for a lock",
        "List who blocks whom; nobody waiting would rule it out.",
        any_level=True,
    )


SIGNATURE = Signature(
    "lock_contention", "a queue for locks, or words about one", ("slow_query", "connection_exhaustion"), match
)
