"""Who has all the connections at work: are they kept by one statement that takes long?"""

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.sources.postgres.statistics import STATISTICS
from backend.redaction.clean import one_line


def occupied(facts: Facts) -> Finding | None:
    """Most sessions run the same statement, and it is known to take long: a pool is full of those who wait for it.

    Not where they wait for a lock: those are no sessions at work.
    """
    said = facts.platform.get("occupied_by")
    long = [s for s in facts.signs_of("slow_query", "proof", "strong") if s.subject != STATISTICS]
    signals = trouble_signals(facts)
    if not said or not long or not signals or facts.signs_of("lock_contention", "proof", "strong"):
        return None
    bare = "".join(f"; {sign.means}" for sign in facts.signs_of("slow_query", "weak") if sign.subject == STATISTICS)
    return Finding(
        category="slow_query",
        statement=one_line(f"{name(facts)} has its connections kept by a slow statement: {said}{bare}", 600) + ".",
        supporting=[long[0].cite(), *(s.cite() for s in facts.signs_of("slow_query", "weak")), *signals[:2]],
        strength="strong",
        onset=long[0].at,
        disproof="EXPLAIN the statement: cheap and fast would rule it out.",
        explains=frozenset({"connection_exhaustion"}),
        rooted=True,
    )
