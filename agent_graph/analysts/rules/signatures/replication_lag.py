"""replication_lag: a replica is behind."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"(?:replica(?:tion)?|standby|secondary|follower)\b.{0,40}\b(?:lag|behind|delay)|replication ?lag"
    r"|requested WAL segment .{1,60} has already been removed|seconds_behind_(?:master|source)\W+[1-9]\d"
    r"|canceling statement due to conflict with recovery|due to replication timeout"
    r"|replication slot .{1,80}(?:inactive|lost|invalidated|exceeded)|invalidating (?:obsolete )?(?:replication )?slot"
    r"|(?:Slave|Replica)_(?:IO|SQL)_Running: No|(?:Slave|Replica) SQL .{0,60}(?:could not|error)"
    r"|replication (?:stopped|broken)"
    r"|Got fatal error 1236|wal receiver .{0,60}(?:terminat|could not)|could not receive data from WAL stream"
    r"|too stale to catch up",
    re.IGNORECASE,
)


# How late it is said to be, and how late it is told to be: MySQL, MongoDB, PostgreSQL.
_LATE = re.compile(r"seconds_behind_(?:master|source)\W+(\d+)", re.IGNORECASE)
_TOLD = re.compile(
    r"(?:SQL_Delay|SOURCE_DELAY|MASTER_DELAY|slaveDelay|secondaryDelaySecs|recovery_min_apply_delay)[\"']?\s*[:=]\s*"
    r"[\"']?([1-9]\d+)",
    re.IGNORECASE,
)
_SLACK_SECONDS = 30


def match(facts: Facts) -> Finding | None:
    """A replica that lags, or words about one; none that is kept late on purpose and is no later than that."""
    return match_words(
        _undelayed(facts),
        "replication_lag",
        _WORDS,
        "has a replica that is behind",
        "Measure the distance in the log now: near zero would rule it out.",
        any_level=True,
    )


def _undelayed(facts: Facts) -> Facts:
    """Without what only says how late a copy is that is to be as late."""
    told = [int(found[1]) for line in [*facts.lines, *facts.changes] if (found := _TOLD.search(line.text))]
    if not told:
        return facts
    late = max(told) + _SLACK_SECONDS
    lines = [line for line in facts.lines if not (found := _LATE.search(line.text)) or int(found[1]) > late]
    return replace(facts, lines=lines)


SIGNATURE = Signature(
    "replication_lag", "a replica that lags, or words about one", ("network_error", "slow_query"), match
)
