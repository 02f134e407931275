"""slow_query: one statement takes the server's time."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"slow query|statement timeout|canceling statement due to statement timeout"
    r"|duration: \d{4,}\.?\d* ms|query (?:took|exceeded|time).{0,20}\d{4,} ?ms"
    r"|long[- ]running (?:query|statement)|seq(?:uential)? scan on|temporary file: path"
    r"|query_time: \d{2,}|max_statement_time|query cancell?ed.{0,30}timeout",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """A statement that runs long."""
    return match_words(
        facts,
        "slow_query",
        _WORDS,
        "suffers from slow statements",
        "EXPLAIN the statement: cheap and fast would rule it out.",
        any_level=True,
    )


SIGNATURE = Signature("slow_query", "a statement that runs long", ("lock_contention", "cpu_throttling"), match)
