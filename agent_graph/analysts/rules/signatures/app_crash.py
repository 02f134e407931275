"""app_crash: the process ended by its own fault, or somebody ended it."""

import re
from datetime import datetime, timedelta

from agent_graph.analysts.rules.context.kills import killed_unseen
from agent_graph.analysts.rules.facts import Container, Facts, LogLine
from agent_graph.analysts.rules.finding import Finding, Signature, Strength
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said, trouble_signals
from agent_graph.logs.words import ominous
from agent_graph.sources.signs import when
from backend.investigation.kinds import Citation

_FATAL = re.compile(
    r"^[\w.]*(?:Error|Exception)\b(?!.*retry)|\b\w+(?:Error|Exception): |\bpanic: |segmentation fault|SIGSEGV"
    r"|core dumped|\bunhandled\b|uncaught|"
    r"\bfatal\b|\babort(?:ed|ing)\b|assertion failed|Traceback \(most recent call last\)|stack overflow"
    r"|\bpanicked at\b|(?-i:\b[a-z][\w.$]*\.[A-Z]\w*(?:Error|Exception))\b(?!.*retry)|cannot find module"
    r"|no module named|missing chunk number \d+ for toast"
    # By which signals a process ends for what it did itself, as whoever keeps it tells of them: 4, 6, 7, 8 and 11.
    r"|\bsegfault\b|core (?:was )?generated|\bcode=dumped\b"
    r"|\b(?:exit(?:ed|s)?|died|dies|terminated|killed|crashed|ended|caught|received|got)\b.{0,24}?"
    r"(?:\bsignal[ :=#]{1,3}\(?(?:4|6|7|8|11)\b|\bSIG(?:ILL|ABRT|BUS|FPE)\b)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:^|[\s:])[\w.$]*(?:Error|Exception)\b|\bpanic: |segmentation fault|SIGSEGV|assertion failed"
    r"|\bsignal (?:4|6|7|8|11)\b",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"refused|no answer|cannot connect|connect(?:ion)? (?:failed|error)", re.IGNORECASE)
# What a process that lives on says of others: it goes wrong there, not here.
_OTHERS = re.compile(
    r"time[d]? ?out|aborted connection|connection|connect\b|refused|reset by peer|authenticat|deadlock detected|"
    r"broken ?pipe|unavailable|unreachable|canceling statement|deadline exceeded|cancell?ed|"
    r"quer(?:y|ies) (?:was |were |is )?(?:abort|kill)|not part of an active group",
    re.IGNORECASE,
)
# How long before its end a process says why, and how much clocks may differ.
_BEFORE, _AFTER = timedelta(seconds=30), timedelta(seconds=3)
# SIGINT and SIGTERM ask a process to end: somebody sent them, also where no event tells who.
_TOLD = frozenset({130, 143})
_KILLED = re.compile(r"\bkill signal=(\d+)")


def match(facts: Facts) -> Finding | None:
    """A process that is gone (state, or its monitor is refused), with or without its last words."""
    container = facts.target
    lines = [line for line in facts.matching(_FATAL) if line.level != "warning" or _as_it_went(line, facts)]
    gone = _gone(facts, container)
    if gone or facts.signs_of("app_crash", "proof", "strong"):
        lines = lines or _closing(facts)
    else:
        lines = [line for line in lines if not _OTHERS.search(line.text)]
    if not gone and not lines:
        return None
    last = _last_words(lines)
    signals = gone or trouble_signals(facts)
    unseen = killed_unseen(facts) if last is None else None
    strength: Strength = "strong" if (gone or (lines and signals)) and unseen is None else "weak"
    return Finding(
        category="app_crash",
        statement=unseen or _statement(facts, container, last, gone=bool(gone)),
        supporting=[*(log_citations([last, *lines]) if last else []), *signals, *_killed(facts)],
        strength=strength,
        onset=onset(_since(lines, facts), container.finished_at if container and not container.running else None),
        disproof="Start it and watch: a crash comes back at the same place, a one-time kill does not.",
    )


def _since(lines: list[LogLine], facts: Facts) -> datetime | None:
    """When the like of it was first said: of what loops, the words of its last run were those of the first."""
    kinds = {kind_of(line) for line in lines}
    return first_at([line for line in facts.lines if not line.speaker and kind_of(line) in kinds] or lines)


def _as_it_went(line: LogLine, facts: Facts) -> bool:
    """A warning that is the last thing a process says before it ends was meant in earnest."""
    container = facts.target
    ends = [moment for text in facts.platform.get("ended", []) if (moment := when(text))]
    ends += [container.finished_at] if container is not None and container.finished_at else []
    return line.at is not None and any(-_AFTER <= end - line.at <= _BEFORE for end in ends)


def _closing(facts: Facts) -> list[LogLine]:
    """What it complained of, best as it went, where no line calls itself fatal."""
    bad = [line for line in facts.lines if line.level not in ("info", "debug") and ominous(line.text)]
    return [line for line in bad if _as_it_went(line, facts)] or bad


def _gone(facts: Facts, container: Container | None) -> list[Citation]:
    found: list[Citation] = []
    if container is not None and not container.finished:
        if not container.running and container.data.get("status") in ("exited", "dead", "restarting"):
            found.append(container.cite("status", "the process is gone"))
        elif container.restarts > 0 and container.exit_code:
            found.append(container.cite("RestartCount", "the engine restarted it"))
        else:
            return []
    if facts.monitor is not None and facts.monitor.down:
        refused = facts.monitor.find(_REFUSED)
        found += [refused.model_copy(update={"note": "nothing listens any more"})] if refused else []
    return found


def _last_words(lines: list[LogLine]) -> LogLine | None:
    """The last line that names an error: what was said before may have been survived."""
    named = [line for line in lines if _NAMED.search(line.message)]
    return (named or lines)[-1] if lines else None


def _killed(facts: Facts) -> list[Citation]:
    return [event.cite("somebody sent it a signal") for event in facts.events if _KILLED.search(event.text)][-1:]


def _statement(facts: Facts, container: Container | None, last: LogLine | None, *, gone: bool) -> str:
    who = name(facts)
    if last is not None:
        return f"{who} {'crashed' if gone else 'fails'}: {said(last)}."
    if container is not None and not container.running:
        if _killed(facts) or container.exit_code in _TOLD:
            return f"{who} was stopped from outside (exit code {container.exit_code}) and has not been started again."
        if container.exit_code == 0:
            return f"{who} ended by itself (exit code 0) and has not been started again."
        return f"{who} exited with code {container.exit_code} and has not been started again."
    return f"The process behind {who} is gone; it left no message."


SIGNATURE = Signature(
    "app_crash", "a process that is gone, or an unhandled error with a failing check", ("oom", "config_error"), match
)
