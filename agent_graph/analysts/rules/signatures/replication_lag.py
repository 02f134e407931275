"""replication_lag: a replica is behind."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import name, said
from agent_graph.analysts.rules.set_delays import set_delays
from agent_graph.analysts.rules.signatures.read_too_early import read_too_early
from agent_graph.analysts.rules.signatures.words import finding_of, match_words
from agent_graph.logs.words import ominous, taken_back
from agent_graph.sources.lateness import SECONDS_BEHIND
from agent_graph.sources.stores import STOPPED
from backend.investigation.kinds import Category

_WORDS = re.compile(
    r"(?:replica(?:tion)?|standby|secondary|follower)\b.{0,40}\b(?:lag|behind|delay)|replication ?lag"
    r"|requested WAL segment .{1,60} has already been removed"
    rf"|{SECONDS_BEHIND}\W+[1-9]\d"
    r"|canceling statement due to conflict with recovery|due to replication timeout"
    r"|replication slot .{1,80}(?:inactive|lost|invalidated|exceeded)|invalidating (?:obsolete )?(?:replication )?slot"
    r"|(?:Slave|Replica)_(?:IO|SQL)_Running: No|(?:Slave|Replica) SQL .{0,60}(?:could not|error)"
    r"|replication (?:stopped|broken)"
    r"|Got fatal error 1236|wal receiver .{0,60}(?:terminat|could not)|could not receive data from WAL stream"
    # A member that cannot fetch what the others have.
    r"|(?:state (?:snapshot )?transfer|\bSST\b|\bIST\b|initial sync|full re-?sync\w*)\b.{0,60}(?:fail|abort|unrecover)"
    r"|(?:failed|unable|could not)\b.{0,40}\b(?:state (?:snapshot )?transfer|SST|IST|initial sync|full re-?sync)"
    r"|too stale to catch up|semi-sync replication switched off|timeout waiting for reply of binlog",
    re.IGNORECASE,
)


# How late it is said to be.
_LATE = re.compile(rf"{SECONDS_BEHIND}\W+(\d+)", re.IGNORECASE)
_SLACK_SECONDS = 30
_HALTED, _BEHIND = "has stopped replicating", "has a replica that is behind"
_DISPROOF = "Measure the distance in the log now: near zero would rule it out."
# Who fetches and applies, as servers call them, and what says more than that they ended.
_OF_REPLICATION = re.compile(
    r"repl|slave|appl(?:y|ier)|relay[- ]?log|bin-?log|wal ?receiver|subscription|\bWAL\b|oplog|resync|master|primary",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"could not|can.t find|cannot|duplicate|error[_ ]code|denied|refused|not found|missing|does ?n.t exist|no space"
    r"|purged|removed|conflict|violates|mismatch|corrupt|out of range|timed out|table\b",
    re.IGNORECASE,
)
# Why whoever is copied from sent it away: the copy itself only sees its connection end.
_SENT_AWAY = re.compile(
    r"\bcmd=(?:p?sync|replconf)\b.{0,80}output buffer limits|WAL segment .{1,60} has already been removed"
    r"|terminating walsender .{0,40}timeout|(?:could not find|purged) .{0,40}(?:bin|op)-?log",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """A replica that lags, or words about one; none that is kept late on purpose and is no later than that."""
    facts = _undelayed(facts)
    stopped = [s for s in facts.signs_of("replication_lag", "proof") if s.means.startswith(STOPPED)]
    why = _said_of_it(facts) if stopped else []
    finding = finding_of(facts, "replication_lag", why, _HALTED, _DISPROOF) if why else None
    finding = finding or match_words(facts, "replication_lag", _WORDS, _BEHIND, _DISPROOF, any_level=True)
    if finding is None or not stopped or _gone(facts):
        return finding or read_too_early(facts)
    # A thread that gave up is no process that crashed, and who reads from the replica only finds it old.
    sent = [line for line in facts.around if _SENT_AWAY.search(line.text)][:1]
    told = [*(f"{line.speaker} says {said(line, 700)}" for line in sent), *(said(line, 400) for line in why[:1])]
    said_why = f"{name(facts)} {_HALTED}: {'; '.join(told)}." if told else finding.statement
    supporting = [*(line.cite("why it was sent away") for line in sent), *finding.supporting]
    symptoms: set[Category] = {"app_crash", "config_error", "dependency_failure"}
    return replace(finding, statement=said_why, supporting=supporting, explains=finding.explains | symptoms)


def _said_of_it(facts: Facts) -> list[LogLine]:
    """Why it stopped, in the words of whoever applies or fetches: what names the error before what names the end."""
    bad = [line for line in facts.lines if line.is_error or _is_ominous(line)]
    bad = [line for line in bad if _OF_REPLICATION.search(line.text) and not taken_back(line.text)]
    return sorted(bad, key=lambda line: -len(_WHY.findall(line.text)))


def _is_ominous(line: LogLine) -> bool:
    return line.level in ("warning", None) and ominous(line.text)


def _gone(facts: Facts) -> bool:
    """Does the server itself not run? Then nothing is replicated, and that is no news."""
    up = facts.metric("up")
    return (up is not None and up.last == 0) or (facts.target is not None and not facts.target.running)


def _undelayed(facts: Facts) -> Facts:
    """Without what only says how late a copy is that is to be as late."""
    told = [delay.seconds for delay in set_delays(facts)]
    if not told:
        return facts
    late = max(told) + _SLACK_SECONDS
    lines = [line for line in facts.lines if not (found := _LATE.search(line.text)) or int(found[1]) > late]
    return replace(facts, lines=lines)


SIGNATURE = Signature(
    "replication_lag", "a replica that lags, or words about one", ("network_error", "slow_query"), match
)
