"""A last look where nothing known explains new complaints: a switch that somebody turned just before the first, or
nothing but the complaint that is made each time."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from agent_graph.analysts.rules.confidence import ORDER, confidence_of
from agent_graph.analysts.rules.context.beforehand import target_of, told
from agent_graph.analysts.rules.context.switches import SET_DIFFERENTLY
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.named_by_measure import named_by_measure
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import log_citations, name, onset, said
from agent_graph.analysts.rules.ranking import Ranked, rank
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Evidence
from backend.redaction.clean import one_line

# A switch works at once, on processes that run. Earlier, and for so long, nobody complained.
_AT_ONCE, _SLACK, _HEARD = timedelta(minutes=5), timedelta(minutes=1), timedelta(minutes=10)
_ROLLED_OUT, _RAN_WELL = timedelta(minutes=12), timedelta(minutes=5)
_RARE = 2
# So often, and so much of all that it complains of, one thing is said where that is how it fails.
_OFTEN, _MOST_OF = 10, 0.6
# What alerts say that count failures; and the measurements of them.
_FAILS = re.compile(r"error|fail|5xx|exception|\bburn|\bslo\b|reject", re.IGNORECASE)
_FAILURES = ("errors", "success")
# What switches are called, and the services that keep them.
_SWITCH = re.compile(
    r"\b(?:feature[-_ ]?(?:flag|toggle|gate)s?|flags?|flagd|toggles?|experiments?|variants?|kill[- ]?switch|unleash"
    r"|launchdarkly|flagsmith|flipt|growthbook|statsig|optimizely|configcat|dynamic[-_ ]config)\b",
    re.IGNORECASE,
)
_SET = re.compile(r"^(?:config\w*|settings?|feature\w*|flags?|toggles?|experiments?|secrets?)\b", re.IGNORECASE)
_TURNED = re.compile(r"\b(?:chang|updat|enabl|disabl|turn|switch|toggl|activat|set to)|->", re.IGNORECASE)


def turned(ranked: list[Ranked], facts: Facts, evidence: Mapping[str, Evidence]) -> list[Ranked]:
    """The ranking; where it leads nowhere, with the switch in front, or with what is said each time.

    A rollout leads for its time alone: where it ran well until a switch was turned, the switch has the better time.
    """
    led = bool(ranked) and ORDER[ranked[0].confidence] >= ORDER["likely"]
    by_time = led and ranked[0].finding.category == "bad_deploy" and ranked[0].finding.strength != "proof"
    if led and not by_time:
        return ranked
    found = _turned(facts, registered=led)
    found = found or (None if led else named_by_measure(facts) or _each_time(ranked, facts))
    if found is None:
        return ranked
    return [*rank([(found, confidence_of(found, facts.case, evidence))]), *ranked]


def _turned(facts: Facts, *, registered: bool) -> Finding | None:
    """`registered`: it takes more than what somebody wrote into a log."""
    errors = sorted((e for e in facts.matching_levels("error", "fatal") if e.at), key=_time)
    if not errors or facts.alert is None or not facts.case.firing or not complains(facts):
        return None
    first = errors[0]
    changes = [change for change in facts.changes if _just_before(change, first) and _is_switch(change, errors, facts)]
    spoken = [line for line in [*facts.around, *facts.lines, *facts.usual] if _just_before(line, first) and _says(line)]
    known = [*changes[-1:], *spoken[:1]]
    if not (changes if registered else known) or not _was_heard(facts, first) or _rolled_out(facts, first, known[0]):
        return None
    what = "; ".join(said(one, 240) for one in known)
    return Finding(
        category="config_error",
        statement=one_line(f"{name(facts)} {SET_DIFFERENTLY}: {what}. Since then: {said(first)}", 900) + ".",
        supporting=[
            *(one.cite("turned just before the first complaint") for one in known),
            *log_citations(errors),
            facts.alert,
        ],
        strength="strong",
        onset=first.at,
        disproof="Turn it back: if the complaints go on, the switch was not the cause.",
    )


def _each_time(ranked: Sequence[Ranked], facts: Facts) -> Finding | None:
    """It is measured to fail, began to complain then, and says one thing that no pattern knows: whoever reads it knows.

    What a pattern knew and something speaks against is not told this way.
    """
    errors = sorted((e for e in facts.matching_levels("error", "fatal") if e.at and not e.speaker), key=_time)
    if not errors or facts.alert is None or not facts.case.firing or not complains(facts):
        return None
    kinds = {kind: [e for e in errors if kind_of(e) == kind] for kind in map(kind_of, errors)}
    often = {kind: max(len(said), said[0].count) for kind, said in kinds.items()}
    top = max(often, key=lambda kind: often[kind])
    first, known = kinds[top][0], {c.quote for r in ranked for c in r.finding.supporting}
    if often[top] < max(_OFTEN, _MOST_OF * sum(often.values())) or any(e.cite().quote in known for e in kinds[top]):
        return None
    if not _was_heard(facts, first) or not _fails(facts):
        return None
    found = Finding(
        category="app_crash",
        statement=f"{name(facts)} fails since {first.at:%H:%M} UTC, and says each time: {said(first, 300)}.",
        supporting=[*log_citations(kinds[top]), facts.alert],
        strength="strong",
        onset=first.at,
        disproof="Look for the same words in good times: said as often then, they are not the cause.",
    )
    return told(found, facts)


def _fails(facts: Facts) -> bool:
    """Does the alert count failures, or does a measurement of them say that there are more?"""
    said = " ".join(f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts)
    bad = {sign.quote for sign in facts.signs_of("trouble", "strong")}
    return _FAILS.search(said) is not None or any(m.role in _FAILURES and m.cite().quote in bad for m in facts.metrics)


def _was_heard(facts: Facts, first: LogLine) -> bool:
    """Had it been heard for a while without complaints?"""
    since = onset(facts.heard_since, *(line.at for line in [*facts.lines, *facts.usual]))
    return since is not None and first.at is not None and first.at - since >= _HEARD


def _time(line: LogLine) -> float:
    return line.at.timestamp() if line.at else 0.0


def _just_before(line: LogLine, first: LogLine) -> bool:
    return line.at is not None and first.at is not None and -_SLACK <= first.at - line.at <= _AT_ONCE


def _is_switch(change: LogLine, errors: Sequence[LogLine], facts: Facts) -> bool:
    """A change of settings, and it is a switch or of somebody whom the complaints name."""
    if not _SET.search(change.message):
        return False
    own = aliases(facts.case)
    others = [word for word in target_of(change) if not belongs(word, own)]
    text = " ".join(line.text for line in errors[:3]).lower()
    return _SWITCH.search(change.message) is not None or any(
        re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", text) for word in others
    )


def _says(line: LogLine) -> bool:
    """Who keeps switches says once which one was turned."""
    calm = line.level in ("info", None) and line.count <= _RARE
    return calm and _SWITCH.search(line.message) is not None and _TURNED.search(line.message) is not None


def _rolled_out(facts: Facts, first: LogLine, turned: LogLine) -> bool:
    """What was rolled out then is at least as much to blame, unless it ran well before the switch was turned."""
    if first.at is None or turned.at is None:
        return True
    rollouts = [s.at for s in facts.signs_of("bad_deploy") if s.at and s.at <= first.at + _SLACK]
    near = [at for at in rollouts if first.at - at <= _ROLLED_OUT]
    heard = [line.at for line in [*facts.lines, *facts.usual] if line.at]
    return any(turned.at - at < _RAN_WELL or not any(at < one < turned.at for one in heard) for at in near)
