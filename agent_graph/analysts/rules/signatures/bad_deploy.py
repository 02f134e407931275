"""bad_deploy: it began right after something was rolled out, and nothing finer explains it."""

import re
from datetime import datetime, timedelta
from typing import cast

from agent_graph.analysts.rules.causes import EXPLAINS
from agent_graph.analysts.rules.context.updated import updates
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import decisive, log_citations, name, said, says_nothing, trouble_signals
from agent_graph.analysts.rules.signatures.asks_more import asks_more
from agent_graph.analysts.rules.signatures.changed_there import changed_there
from agent_graph.analysts.rules.signatures.odd_copy import odd_copy
from agent_graph.analysts.rules.signatures.only_newer import only_newer
from agent_graph.logs.words import ominous
from backend.investigation.kinds import Category, Citation
from backend.redaction.clean import one_line

_SLACK = timedelta(minutes=2)
# What is said in one breath is written with one time, or as good as one.
_AT_ITS_SIDE = timedelta(seconds=1)
# How soon a change shows, and how much later an alert is told of it.
_AT_ONCE, _TOLD = timedelta(minutes=12), timedelta(minutes=30)
# What many stand on: whoever changes it changes something for all of them.
_SHARED = re.compile(
    r"fire-?wall|(?<![a-z])fw(?![a-z])|network|polic(?:y|ies)|\brout(?:e|ing)|(?<![a-z])dns|prox(?:y|ies)|gateway|ingress"
    r"|egress|load.?balanc|(?<![a-z])lb(?![a-z])|mesh|\bvpn|\bmtu\b|kernel|node-?pool|database|postgres|mysql|mariadb"
    r"|redis|kafka|rabbitmq|\bcdn\b|\bwaf\b|hypervisor|storage",
    re.IGNORECASE,
)
_ROLLED_OUT = re.compile(r"^(?:deploy\w*|releases?|rollouts?|build)\b", re.IGNORECASE)
_TOGETHER, _AS_LIKELY = timedelta(minutes=3), "changed at the same time, and as likely"
# What a platform says of everything else that is wrong, or of nothing.
_NO_SYMPTOM = ("bad_deploy", "healthy", "trouble", "trouble_over", "other_down")


def match(facts: Facts) -> Finding | None:
    """A change of the target just before the first trouble. A change alone is no trouble."""
    signs = facts.signs_of("bad_deploy") or list(updates(facts))[:1]
    nearer = asks_more(facts) or only_newer(facts)
    if nearer is not None or not signs:
        return nearer or odd_copy(facts)
    bad = [line for line in facts.matching_levels("error", "fatal") if line.at is not None]
    signs = _nearest(facts, signs, bad)
    at = signs[0].at
    before = [line for line in bad if at is not None and line.at is not None and line.at < at - _SLACK]
    after = [line for line in bad if line not in before]
    after += _beneath(after, facts)
    signals = trouble_signals(facts)
    if not signals and not (after and facts.alert):
        return None
    symptoms = _symptoms(facts, at) or [s for s in facts.signs_of("trouble") if s.source == "requests"]
    undone = _undone(facts)
    rivals = [] if after or symptoms else _rivals(facts, at, signs)
    strong = any(s.weight == "strong" for s in signs) and not undone and _soon(facts, at, after, symptoms)
    return Finding(
        category="bad_deploy",
        statement=_statement(facts, signs[0].means, after, symptoms, rivals),
        supporting=[
            *(s.cite("just before the trouble") for s in signs[:2]),
            *(s.cite("what came of it") for s in symptoms),
            *(log_citations(after) if after else []),
            *signals[:3],
        ],
        strength="strong" if strong and (signals or after) else "weak",
        onset=at,
        contradicting=[
            *([before[0].cite("said before the change")] if _same(before, after) else []),
            *_earlier(facts, at),
            *undone,
            *(c.cite("changed since, there where the trouble is") for c in changed_there(facts, at)),
            *(one.cite(_AS_LIKELY) for one in rivals),
        ],
        disproof="Roll it back: if the trouble stays, the change was not the cause.",
    )


def _beneath(after: list[LogLine], facts: Facts) -> list[LogLine]:
    """What stands beneath a heading, as lines of their own, says what went wrong."""
    heads = [line for line in after if line.at and says_nothing(line)]
    return [
        line
        for line in facts.lines
        if line.level is None
        and not says_nothing(line)
        and ominous(line.text)
        and any(_beneath_it(line, head) for head in heads)
    ]


def _beneath_it(line: LogLine, head: LogLine) -> bool:
    return bool(line.evidence == head.evidence and line.at and head.at and head.at <= line.at <= head.at + _AT_ITS_SIDE)


def _nearest(facts: Facts, signs: list[Sign], bad: list[LogLine]) -> list[Sign]:
    """Of several changes the last one before it went wrong comes first."""
    known = sorted((s for s in signs if s.at and s.weight == signs[0].weight), key=lambda s: s.at or facts.case.now)
    if len(known) < 2:
        return signs
    moments = [*(line.at for line in bad), *(s.at for s in facts.signs_of("trouble"))]
    began = min(
        (m for m in moments if m is not None and known[0].at and m >= known[0].at), default=facts.case.started_at
    )
    in_time = [s for s in known if s.at is not None and s.at <= began + _SLACK]
    last = (in_time or known)[-1]
    return [last, *(s for s in signs if s is not last)]


def _earlier(facts: Facts, at: datetime | None) -> list[Citation]:
    """What the platform says went wrong before the change."""
    named = [s for s in facts.signs if s.weight != "weak" and s.category not in _NO_SYMPTOM]
    return [s.cite("it was so before the change") for s in named if at and s.at and s.at < at - _SLACK][:1]


def _rivals(facts: Facts, at: datetime | None, own: list[Sign]) -> list[LogLine]:
    """What it stands on was changed together with it: the time, which is all there is, speaks for both."""
    quotes = {sign.quote for sign in own}
    others = [c for c in facts.changes if c.cite().quote not in quotes and at and c.at and abs(c.at - at) <= _TOGETHER]
    return [c for c in others if _SHARED.search(_about(c))][:1]


def has_rival(finding: Finding) -> bool:
    """Does only the time speak for it, and for another change as well? No likeness to other cases tells them apart."""
    return finding.category == "bad_deploy" and any(cite.note == _AS_LIKELY for cite in finding.contradicting)


def _about(change: LogLine) -> str:
    """What a rollout is of is its target; what its summary says is of its own insides."""
    return change.message.partition(":")[0] if _ROLLED_OUT.match(change.message) else change.message


def _undone(facts: Facts) -> list[Citation]:
    return [
        s.cite("it was undone, and the trouble stays") for s in facts.signs_of("trouble_over") if s.weight == "weak"
    ]


def _soon(facts: Facts, at: datetime | None, after: list[LogLine], symptoms: list[Sign]) -> bool:
    """Did it go wrong at once? What a change breaks breaks while it is rolled out, or under the first load."""
    seen = [*(line.at for line in after), *(s.at for s in symptoms), *(s.at for s in facts.signs_of("trouble"))]
    first = min((moment for moment in seen if moment is not None), default=None)
    if at is None:
        return True
    return first - at <= _AT_ONCE if first is not None else facts.case.started_at - at <= _TOLD


def _same(before: list[LogLine], after: list[LogLine]) -> bool:
    """Is what goes wrong now what went wrong before the change, too?"""
    return bool(before) and (not after or before[0].message[:40] == decisive(after).message[:40])


def _symptoms(facts: Facts, at: datetime | None) -> list[Sign]:
    """What the platform names since the change, one of each kind, causes before what they cause."""
    found = [s for weight in ("proof", "strong") for s in facts.signs if s.weight == weight]
    since = [s for s in found if at is None or s.at is None or s.at >= at - _SLACK]
    named = {s.category: s for s in reversed(since) if s.category not in _NO_SYMPTOM}
    caused = {symptom for category in named for symptom in EXPLAINS.get(cast(Category, category), ())}
    return sorted(named.values(), key=lambda s: (s.category in caused, since.index(s)))[:2]


def _statement(facts: Facts, change: str, after: list[LogLine], symptoms: list[Sign], rivals: list[LogLine]) -> str:
    said_since = [*([said(decisive(after))] if after else []), *(s.means for s in symptoms[:1] if s.means)]
    since = f", and since then: {'; '.join(said_since)}" if said_since else ""
    also = f"; at the same time {said(rivals[0])}, and only the time points to either" if rivals else ""
    return one_line(f"{name(facts)} broke after a change: {change.rstrip('.')}{since}{also}", 900).rstrip(".") + "."


SIGNATURE = Signature("bad_deploy", "a change just before the trouble", ("config_error", "app_crash"), match)
