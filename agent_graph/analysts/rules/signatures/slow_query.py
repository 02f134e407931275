"""slow_query: one statement takes the server's time."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.busy import with_busy, with_fields
from agent_graph.analysts.rules.signatures.dropped_index import with_dropped_index
from agent_graph.analysts.rules.signatures.occupied import occupied
from agent_graph.analysts.rules.signatures.slow_log import noted_slow, slow_log
from agent_graph.analysts.rules.signatures.words import match_words
from backend.investigation.kinds import Category

_WORDS = re.compile(
    r"slow[- ]?(?:query|sql|statement|log entry)|statement timeout|QueryCanceled|maximum statement execution time"
    r"|duration: \d{4,}\.?\d* ms|quer(?:y|ies) (?:took|exceeded|time).{0,20}\d{4,} ?ms"
    r"|(?:query|SQL).{0,80} took \d{4,} ?ms"
    r"|(?:query|SQL|statement) (?:took|ran for|running for) [\d.]{2,} ?s"
    r"|long[- ]running (?:query|statement|transaction)"
    r"|seq(?:uential)? ?scan on|COLLSCAN|temporary file: path|query_time: \d{2,}|max_statement_time|max_execution_time"
    r"|query cancell?ed.{0,30}timeout|\"(?:ns|command|planSummary)\".{0,600}durationMillis\"?: ?\d{4,}"
    # Scans that give up: what was deleted is still read.
    r"|\btombstones? (?:cells |rows )?(?:during|for) query|tombstone_\w+_threshold|TombstoneOverwhelming"
    r"|checkpoints are occurring too frequently",
    re.IGNORECASE,
)
# What the platform sees and no statement brings about, however long it runs.
_SEEN: tuple[Category, ...] = ("scheduling_failure", "node_failure", "image_pull_error", "oom", "disk_pressure")


def match(facts: Facts) -> Finding | None:
    """A statement that runs long; servers note some at every hour, without complaint."""
    finding = occupied(facts) or _said(facts) or slow_log(facts)
    lines = facts.matching(_WORDS, any_level=True)
    noted = all(line.level in ("info", "debug") for line in lines)
    seen = any(facts.signs_of(category, "proof", "strong") for category in _SEEN)
    if finding and noted and seen:
        return replace(finding, strength="weak")
    about = lines or noted_slow(facts)
    told = with_busy(with_fields(finding, about), lines, facts) if finding else None
    return with_dropped_index(told, about, facts) if told else None


def _said(facts: Facts) -> Finding | None:
    return match_words(
        facts,
        "slow_query",
        _WORDS,
        "suffers from slow statements",
        "EXPLAIN the statement: cheap and fast would rule it out.",
        any_level=True,
    )


SIGNATURE = Signature("slow_query", "a statement that runs long", ("lock_contention", "cpu_throttling"), match)
