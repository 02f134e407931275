"""Does a log complain of something that it did not complain of before, and has it stopped?"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, LogLine, quoted
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.waits import waits_told
from agent_graph.analysts.rules.well.reported import changed_at, stood_still_at
from agent_graph.logs.words import taken_back
from backend.investigation.kinds import Citation

# Alerts wait this long before they fire, and what they are about began before.
WAITED = timedelta(minutes=10)
# How long a log must have been calm, with so many lines, to be believed.
CALM, CALM_LINES = timedelta(minutes=3), 3
_MANY, _LOUD = 3, 10
# So many words tell what a line is about, and so many of them another one has, too, that says the same.
_WORD = re.compile(r"[A-Za-z]{3,}")
_TELLING, _SHARED = 6, 0.75
# What a log complains of as ever is heard soon after it begins: within some of its own pauses.
_PAUSES, _SOON = 4, timedelta(minutes=1)
_LONGEST = timedelta(hours=6)
_BURSTS = 3
# How an engine tells of an end that is none as wanted, and of somebody who asks for one, so shortly before.
_ENDED, _ASKED = re.compile(r"\bdie exitCode=(?!0\b|143\b)\d+"), re.compile(r"\b(?:kill|stop)\b")
_SHORTLY = timedelta(seconds=30)
_NO_TROUBLE = ("healthy", "trouble_over", "planned", "bad_deploy", "other_down")


def complains(
    facts: Facts, cited: Sequence[Citation] = (), aside: Sequence[LogLine] = (), within: timedelta = WAITED
) -> bool:
    """Does it go on logging errors that it did not log before, up to now? No measurement says that this is nothing.

    `cited`: lines that a likely explanation rests on; many of their kind count at any level. `aside`: explained ones.
    `within`: how long ago the last of them may be.
    """
    left = {id(line) for line in aside}
    errors = [line for line in facts.lines if line.at is not None and id(line) not in left]
    meant = {id(line) for line in facts.matching_levels("error", "fatal")}
    loud = _loud(errors, quoted(facts.lines, cited))
    errors = [line for line in errors if id(line) in meant or id(line) in loud]
    # What is told in several ways is as ever when all of them together are.
    kinds = {id(line): "" if id(line) in loud - meant else kind_of(line) for line in errors}
    groups = {kind: [line for line in errors if kinds[id(line)] == kind] for kind in kinds.values()}
    old = {kind for kind, said in groups.items() if _as_ever(said, facts)}
    new = [line for line in errors if kinds[id(line)] not in old and line.at and line.at >= began(facts)]
    # A kind's lines that are shown each tell how often it was said in all.
    counts = {kind_of(line): line.count for line in new}
    shown = Counter(kind_of(line) for line in new)
    often = sum(max(count, shown[kind]) for kind, count in counts.items())
    return often >= _MANY and max(line.at for line in new if line.at) >= facts.case.now - within


def _loud(lines: Sequence[LogLine], cited: Sequence[LogLine]) -> set[int]:
    """Those of the kinds that are cited, where there are many: below an error, a few are what busy systems say.

    One refusal is often told in several ways, each with a name or a number of its own: these count together.
    """
    spoken = [words for line in cited if len(words := _words(line)) >= _TELLING]
    kinds = {kind_of(line) for line in cited}
    same = [line for line in lines if kind_of(line) in kinds or any(_alike(_words(line), one) for one in spoken)]
    counts = {kind_of(line): line.count for line in same}
    shown = Counter(kind_of(line) for line in same)
    often = sum(max(count, shown[kind]) for kind, count in counts.items())
    return {id(line) for line in same} if often >= _LOUD else set()


def _words(line: LogLine) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(line.text))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Does the shorter say little that the longer does not?"""
    least = min(len(one), len(other))
    return least >= _TELLING and len(one & other) >= _SHARED * least


def began(facts: Facts) -> datetime:
    """When the trouble may have begun: some alerts say how long they waited ("no success for 15 minutes")."""
    at = facts.case.started_at - max([WAITED, *(wait + _SOON for wait in waits_told(facts.case))])
    return min([at, *(moment for moment in (changed_at(facts), stood_still_at(facts)) if moment)])


def _as_ever(lines: Sequence[LogLine], facts: Facts) -> bool:
    """Was it said before the trouble, and from the beginning of the log on? What first comes up in the middle is new,
    however long the alert took to notice."""
    at = sorted(line.at for line in lines if line.at)
    if at[0] >= began(facts):
        return False
    if facts.heard_since is None:
        return True
    count = max(len(at), max(line.count for line in lines))
    pause = (at[-1] - at[0]) / (count - 1) if count > 1 else timedelta()
    return at[0] - facts.heard_since <= max(_SOON, _PAUSES * pause)


def calm_again(facts: Facts) -> Citation | None:
    """The log went wrong, and then went on for a while as if nothing had been."""
    # As long as it is still reported, only what is new and good counts: the usual may go on beside it.
    usual = [] if facts.case.firing else facts.usual
    timed = [line for line in [*facts.lines, *usual] if line.at is not None]
    timed.sort(key=lambda line: line.at or facts.case.now)
    bad = bad_lines(facts)
    if not bad or not timed:
        return None
    last, end = max(line.at for line in bad if line.at), max(line.at for line in timed if line.at)
    if end - last <= _pause(facts, bad):
        return None
    after = [line for line in timed if line.at is not None and line.at > last]
    if end - last < CALM or len(after) < CALM_LINES or facts.case.now - end > CALM:
        return None
    return after[-1].cite("it works again, without an error since")


def comes_back(facts: Facts) -> bool:
    """Did it come in bursts, and is the quiet since the last no longer than those between? Then another is due."""
    signs = [s.at for s in facts.signs if s.at and s.weight == "proof" and s.category not in _NO_TROUBLE]
    moments = sorted([*signs, *(line.at for line in bad_lines(facts) if line.at)])
    moments = [at for at in moments if at >= began(facts)]
    pauses = [later - one for one, later in pairwise(moments) if later - one > CALM]
    if not facts.case.firing:
        return False
    if len(pauses) < _BURSTS - 1:
        return _ends_again(facts)
    return _ends_again(facts) or (facts.case.now - moments[-1] <= max(pauses) and max(pauses) <= 3 * min(pauses))


def _ends_again(facts: Facts) -> bool:
    """Did it end by itself more than once, and runs since the last for no longer than it ran in between?"""
    asked = [event.at for event in facts.events if event.at and _ASKED.search(event.text)]
    ends = sorted(event.at for event in facts.events if event.at and _ENDED.search(event.text))
    ends = [end for end in ends if not any(timedelta() <= end - at <= _SHORTLY for at in asked)]
    pauses = [later - one for one, later in pairwise(ends) if later - one > CALM]
    return bool(pauses) and facts.case.now - ends[-1] <= min(pauses) <= _LONGEST


def bad_lines(facts: Facts) -> list[LogLine]:
    """Everything with a time that is an error, or sounds like one."""
    return [line for line in facts.lines if line.at and line.is_bad and not taken_back(line.text)]


def new_bad_lines(facts: Facts) -> list[LogLine]:
    """Those of them of a kind that is not told as before the trouble."""
    groups: dict[str, list[LogLine]] = {}
    for line in bad_lines(facts):
        groups.setdefault(kind_of(line), []).append(line)
    return [line for said in groups.values() if not _as_ever(said, facts) for line in said]


def _pause(facts: Facts, bad: Sequence[LogLine]) -> timedelta:
    """The longest pause between complaints of this trouble: a quiet that is no longer is only the next pause."""
    at = sorted(line.at for line in bad if line.at is not None and line.at >= facts.case.started_at - WAITED)
    return max((later - one for one, later in pairwise(at)), default=timedelta())
