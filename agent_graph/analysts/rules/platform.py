"""Joins what signatures find in words and metrics with what the platform's own state says about the same category."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from agent_graph.analysts.rules.causes import EXPLAINS
from agent_graph.analysts.rules.context.beforehand import told
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding, Signature, Strength
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import name, onset, trouble_signals
from agent_graph.analysts.rules.well.complaints import CALM, WAITED
from agent_graph.analysts.rules.well.reported import grows_old_since
from agent_graph.logs.words import ominous
from backend.investigation.kinds import Category
from backend.redaction.clean import one_line

_ORDER: dict[str, int] = {"weak": 0, "strong": 1, "proof": 2}


# A single warning is what healthy systems say; an alert beside it does not make it trouble.
_OFTEN = 3
# Frameworks call it information that they refused somebody, and say so each time.
_EACH_TIME = 10


# What every attempt meets is said at every attempt: where it is not said any more, attempts go well.
_AT_EACH_TRY: frozenset[Category] = frozenset(
    (
        *("dependency_failure", "dns_failure", "network_error", "connection_exhaustion", "lock_contention"),
        *("rate_limited", "replication_lag", "app_crash"),
    )
)


# A warning is enough where nothing was done any more since it was said.
_AS_IT_STOPPED = timedelta(minutes=2)


# So much of a message tells whether it is another one.
_CORE = 60


# What is wrong with the check itself, or that it ends what it checks.
_OF_THE_CHECK = re.compile(r"declares only|Killing|(?:Liveness|Startup) probe|tim(?:ed|e) ?out|deadline|\b4\d\d\b")


def find(signature: Signature, facts: Facts) -> Finding | None:
    """The signature's own finding, strengthened by signs of its category; or one that rests on signs alone."""
    return weighed(signature.category, signature.match(facts), facts)


def weighed(category: Category, finding: Finding | None, facts: Facts) -> Finding | None:
    """What is found in words and metrics, joined with the signs of its category."""
    signs = facts.signs_of(category)
    if category == "bad_deploy":
        return _explained(finding) if finding else None
    if finding is None and signs:
        finding = _of_signs(category, signs, facts)
    elif finding is not None and signs:
        finding = _joined(finding, signs)
    return told(_mute(_alarmed(_heard(_explained(finding), facts), facts), facts), facts) if finding else None


def _explained(finding: Finding) -> Finding:
    return replace(finding, explains=finding.explains | EXPLAINS.get(finding.category, frozenset()))


def _heard(finding: Finding, facts: Facts) -> Finding:
    """What a process says as it dies tells more about its end than what others complained of before."""
    target = facts.target
    ends = [s for category in ("app_crash", "restart_loop") for s in facts.signs_of(category, "proof", "strong")]
    if not ends and (target is None or (target.running and not target.looping)):
        return finding
    return replace(finding, last_words=any(line.level == "fatal" for line in finding.cited(facts.lines)))


def _mute(finding: Finding, facts: Facts) -> Finding:
    """A failing check says that something is wrong, and not what: without any log nobody says that."""
    heard = facts.log_evidence or facts.around or facts.events
    if finding.category != "probe_failure" or heard or facts.platform.get("wedged"):
        return finding
    of_the_check = any(_OF_THE_CHECK.search(quote) for quote in finding.quotes)
    return finding if of_the_check else replace(finding, strength="weak")


def _ended(lines: list[LogLine], facts: Facts) -> bool:
    """Has the log gone on without them until now, for longer than their longest pause?"""
    kinds, until = {kind_of(line) for line in lines}, facts.heard_until
    at = sorted(line.at for line in facts.lines if line.at and kind_of(line) in kinds)
    if not at or until is None or facts.case.now - until > CALM:
        return False
    pause = max((b - a for a, b in pairwise(at) if b >= facts.case.started_at - WAITED), default=CALM)
    return until - at[-1] > max(CALM, pause)


def _said_as_it_stopped(lines: list[LogLine], facts: Facts) -> bool:
    """Is it what was said last before nothing was done any more, by what tells the age of what was done?"""
    since = grows_old_since(facts)
    said = [line.at for line in lines if line.at and not line.speaker and line.level != "debug"]
    return since is not None and any(abs(at - since) <= _AS_IT_STOPPED for at in said)


def _of_signs(category: Category, signs: list[Sign], facts: Facts) -> Finding:
    signals = trouble_signals(facts) if signs[0].weight != "weak" else []
    said = _told_once(signs)[:2]
    return Finding(
        category=category,
        statement=one_line(f"{name(facts)}: {'; '.join(said)}", 600).rstrip(".") + ".",
        supporting=[*(s.cite() for s in signs[:4]), *signals[:2]],
        strength=_strength(signs),
        used=all(s.used or s.weight == "weak" for s in signs),
        onset=onset(*(s.at for s in signs)),
        disproof="Look at the same state again: a change since it was read would disprove it.",
    )


def _told_once(signs: list[Sign]) -> list[str]:
    """Of replicas one stands for the others, an event that repeats a state for none: what else is told says more."""
    told: list[str] = []
    for sign in signs:
        said = sign.means or sign.quote
        of_anyone = said.replace(sign.subject, "") if sign.subject else said
        if not any(of_anyone in one or _repeats(said, one) for one in told):
            told.append(said)
    return told


def _repeats(said: str, told: str) -> bool:
    """Is what stands behind the name or the reason of what is told in it?"""
    core = told.partition(": ")[2][:_CORE]
    return len(core) == _CORE and core in said


def _joined(finding: Finding, signs: list[Sign]) -> Finding:
    strength = max(finding.strength, _strength(signs), key=lambda s: _ORDER[s])
    means = next((s.means for s in signs if s.means and s.weight != "weak"), "")
    statement = one_line(f"{finding.statement.rstrip('.')}: {means}", 600) + "." if means else finding.statement
    return replace(
        finding,
        statement=statement,
        supporting=[*(s.cite() for s in signs[:3]), *finding.supporting],
        strength=strength,
        onset=onset(finding.onset, *(s.at for s in signs)),
    )


def _strength(signs: list[Sign]) -> Strength:
    return max((s.weight for s in signs), key=lambda w: _ORDER[w])  # pyright: ignore[reportReturnType]


def _alarmed(finding: Finding, facts: Facts) -> Finding:
    """Words that fit a firing alert are more than words: somebody measured that something is wrong."""
    if finding.strength != "weak" or facts.alert is None or not finding.supporting:
        return finding
    lines = finding.cited(facts.lines)
    stopped = _said_as_it_stopped(lines, facts)
    if finding.category in _AT_EACH_TRY and _ended(lines, facts) and not stopped:
        return finding
    loud = any(line.level in ("error", "fatal", None) for line in lines)
    warned = sum(line.count for line in lines if line.level == "warning")
    informed = sum(line.count for line in lines if line.level == "info" and ominous(line.text))
    if not loud and not stopped and warned < _OFTEN and informed < _EACH_TIME:
        return finding
    return replace(finding, strength="strong", supporting=[*finding.supporting, facts.alert])
