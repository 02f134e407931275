"""A process that ended, and nobody saw why: no word of its own before its end, and nothing that its platform knows."""

import re
from datetime import timedelta
from typing import Any, get_args

from agent_graph.analysts.rules.context.kills import SIGKILL, explained
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said
from agent_graph.sources.signs import aliases
from backend.investigation.kinds import Category

_ENDS: frozenset[Category] = frozenset({"app_crash", "restart_loop"})
_STATES: frozenset[str] = frozenset({"healthy", "unknown", "bad_deploy", *_ENDS})
# What ends a process, in the platform's words: then that is why.
_REASONS: tuple[Any, ...] = tuple(category for category in get_args(Category) if category not in _STATES)
_CODE = re.compile(r"exit(?:ed with)? code (\d{1,3})\b")
_DIED = re.compile(r"\bdie exitCode=(\d{1,3})\b")
_FAILED = re.compile(r"\bjob \S+: Failed=True\b")
# What a container left as its last message stands behind the moment of its end.
_SAID = re.compile(r"terminated \w+ exit code \d+(?: \([^)]*\))?(?: at [\d:TZ.-]+)?: \S")
# Its limit of attempts says that it was tried, and not why in vain; a deadline says why.
_TRIED = re.compile(r"\bjob \S+: Failed=True BackoffLimitExceeded\b")
_FAILS, _GAVE_UP = "it ends with exit code {}, as after any error", "all attempts of its job failed"
# What it says of itself as long as all goes well.
_SERVES = re.compile(
    r"\b(?:listen(?:ing|s)?|ready|serving|accepting|up and running)\b"
    r"|\bstart(?:ed|ing|s)? (?:in|on|at|successfully|\w* ?(?:server|listener|http|grpc)) ?",
    re.IGNORECASE,
)
# What it says of itself where it does not serve, or serves no more.
_SERVES_NOT = re.compile(
    r"\b(?:not?|never|cannot|without|nothing|until|unable|un(?:ready|available)|retry\w*|fail\w*|g[ai]v(?:e|es|ing) up"
    r"|refus\w*|reject\w*|stop(?:s|ped|ping)|exit(?:s|ed|ing)|abort\w*|quit(?:s|ting)|shut\w*|clos(?:es|ed|ing)"
    r"|required|wanted)\b|\bwait\w*\b(?! for (?:new |incoming )?(?:requests|connections|clients|jobs|messages|work)\b)"
    r"|n't\b",
    re.IGNORECASE,
)
_ANY_ERROR = frozenset({1, 2, 255})
_KILLED = "it was killed (SIGKILL, exit code 137)"
_LAST = "its last output before it ended, or the same with more of it written down."
# What a process says in its last breath may be stamped later, by whoever collects it.
_BREATH = timedelta(seconds=90)


def unwitnessed(finding: Finding, facts: Facts, whole: Facts | None = None) -> str | None:
    """What is known of the end and what is missing; None where something says why. `facts`: the target's own lines.

    `whole`: with what is said at all times, too.
    """
    if finding.category not in _ENDS:
        return None
    if (unsaid := _unsaid(whole or facts)) is not None:
        return (
            f"Not established for {name(facts)}: {unsaid}. The best guess: {finding.statement} What is missing: {_LAST}"
        )
    how = None if _has_own_words(finding, facts) else _how(facts)
    if how is None or explained(facts, _REASONS):
        return None
    return (
        f"Not established for {name(facts)}: {how}, and nothing that was recorded says why: no word of its own before"
        f" its end, and no event of its platform that explains it. The best guess: {finding.statement} What is missing:"
        " its last output, and the journal of the engine and of the kernel of its machine at that time."
    )


def _unsaid(facts: Facts) -> str | None:
    """Did it end as programs end after any error, and is neither its log nor anything else there that says which?"""
    stays_down = facts.target is not None and not facts.target.running and not facts.target.looping
    if stays_down:
        # Whatever ended it, that it does not run is what is wrong, and starting it the first thing to try.
        return None
    ends = [s for category in _ENDS for s in facts.signs_of(category)]
    codes = {int(found[1]) for s in ends if (found := _CODE.search(s.quote))} | _as_its_engine_saw(facts)
    told = any(facts.signs_of(category) for category in (*_REASONS, "bad_deploy"))
    if facts.changes or told or any(_SAID.search(s.quote) for s in ends):
        return None
    gave_up = not codes and any(_TRIED.search(s.quote) for s in ends)
    if (codes == {1} or gave_up) and not _is_spoken_of(facts):
        return f"{_GAVE_UP if gave_up else _FAILS.format(1)}, and its log, which would say why, was not recorded"
    last = _last_calm(facts) if codes and codes <= _ANY_ERROR else None
    how = _FAILS.format(" or ".join(map(str, sorted(codes))))
    return f"{how}, and its log says nothing of why: its last word is: {said(last)}" if last else None


def _last_calm(facts: Facts) -> LogLine | None:
    """The last line of a log that complains of nothing at all, and ends as it does while all goes well."""
    own = sorted(
        (line for line in facts.lines if not line.speaker and line.at), key=lambda line: line.at or facts.case.now
    )
    known = [alias.lower() for alias in aliases(facts.case)]
    named = any(line.is_bad and any(alias in line.text.lower() for alias in known) for line in facts.around)
    calm = bool(own) and not named and not any(line.is_bad or line.level == "warning" for line in facts.lines)
    return own[-1] if calm and _is_served(own[-1].message) else None


def _is_served(said: str) -> bool:
    return _SERVES.search(said) is not None and _SERVES_NOT.search(said) is None


def _as_its_engine_saw(facts: Facts) -> set[int]:
    """The codes of its container's ends. One that somebody asked for counts as another one."""
    if facts.target is None:
        return set()
    asked = {SIGKILL} if any(" kill" in event.text or " stop" in event.text for event in facts.events) else set[int]()
    last = {facts.target.exit_code} if not facts.target.running else set[int]()
    return asked | last | {int(found[1]) for event in facts.events if (found := _DIED.search(event.text))}


def _is_spoken_of(facts: Facts) -> bool:
    """Was anything read that comes from it, or does another complain of it by name? Whatever else its neighbours and
    the collectors of logs have to say is their own affair."""
    known = [alias.lower() for alias in aliases(facts.case)]
    named = (line for line in [*facts.lines, *facts.around] if line.is_bad)
    others = {line.evidence for line in facts.lines if line.speaker}
    by_name = any(alias in line.text.lower() for line in named for alias in known)
    return facts.log_evidence > len(others) or by_name


def _has_own_words(finding: Finding, facts: Facts) -> bool:
    """Does it rest on the target's own log, from before the end? A line out of a trace has no time of its own."""
    logs = {line.evidence for line in facts.lines}
    others = [*facts.around, *(line for line in facts.lines if not _tells(line, facts))]
    no_words = {(line.evidence, line.cite().quote) for line in others}
    return any(c.evidence in logs and (c.evidence, c.quote) not in no_words for c in finding.supporting)


def _tells(line: LogLine, facts: Facts) -> bool:
    """Is it a word from before the end? Whatever comes later another has said."""
    end = facts.target.finished_at if facts.target is not None and not facts.target.running else None
    return end is None or line.at is None or line.at <= end + _BREATH


def _how(facts: Facts) -> str | None:
    """How it ended, where that is no answer to why: whatever else a process ends with, it chose or was asked for."""
    container = facts.target
    if container is not None and not container.running:
        return _KILLED if container.exit_code == SIGKILL and not container.oom_killed else None
    ends = [s for category in _ENDS for s in facts.signs_of(category)]
    codes = {int(found[1]) for s in ends if (found := _CODE.search(s.quote))}
    if container is not None:
        # It runs again, and only its engine knows how it ended.
        died = {int(found[1]) for event in facts.events if (found := _DIED.search(event.text))}
        return _KILLED if died == {SIGKILL} and codes <= died and not container.oom_killed else None
    if SIGKILL in codes:
        return _KILLED
    return "its job failed" if not codes and any(_FAILED.search(s.quote) for s in ends) else None
