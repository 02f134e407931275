"""A check that goes on asking for what was changed on purpose: it is answered in time, only not as it expects."""

import re
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.probing import served_lines
from agent_graph.logs.requests import request_of
from backend.investigation.kinds import Category, Citation

# How monitors call what they expect.
_EXPECTS = re.compile(r"keyword|expect|contain|match|text|body|phrase|regex|title", re.IGNORECASE)
# Who answers so is there; whoever fails to answer, or breaks, is not.
_ANSWERED = re.compile(r"\bHTTP (?:[23]\d\d|404|410)\b", re.IGNORECASE)
# What tells that a thing has another name or place now, or none any more.
_CHANGED = re.compile(
    r"\bis now\b|\bnow (?:called|under|at|says|reads)\b|\brenam|\breplac|\bmov(?:e|ed|ing)\b|\bremov|\bretir|\bredirect"
    r"|\bno longer\b|\binstead of\b|\bgone\b|\bdropp?ed\b|\bre-?word|->|→|\bsunset",
    re.IGNORECASE,
)
# Its words or its looks were made anew, which nobody lists one by one.
_PART = r"(?:head(?:line|ing)s?|titles?|texts?|copy|wording|slogan|greeting|banner|themes?|templates?|layouts?|content)"
_MADE_ANEW = re.compile(
    rf"\bre-?(?:launch|design|brand|word|styl)\w*|\b(?:new|other|updat\w+|chang\w+|edit\w*|translat\w+)\b.{{0,40}}"
    rf"\b{_PART}\b|\b{_PART}\b.{{0,60}}(?:->|→|\bto\b|chang|switch|updat|replac)",
    re.IGNORECASE,
)
# Pages that are no longer its own, or say that it does not work.
_BROKEN = re.compile(
    r"error|exception|fatal|warning|unavailable|maintenance|not found|forbidden|denied|index of|hacked"
    r"|for sale|parked|suspended|it works|welcome to nginx|default page|coming soon|captcha|checking your browser",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_TAG = re.compile(r"<[^>]*>")
_LEAST, _OFTEN = 5, 3
_BEFORE, _AFTER = timedelta(minutes=45), timedelta(minutes=2)
_LOOKS_LIKE: frozenset[Category] = frozenset({"probe_failure", "bad_deploy", "config_error", "network_error"})


def asks_for_the_old(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All its failures are answers, a change just before names what it asks for, and others are served."""
    failure = _of_monitor(facts) if facts.monitor is not None else _of_probe(facts)
    if failure is None or set(likely) - _LOOKS_LIKE or complains(facts):
        return None
    wanted = [one for one in _wanted(facts) if len(one) >= _LEAST]
    near = [change for change in reversed(facts.changes) if _in_time(change, facts)]
    change = next((c for c in near if _names(c, wanted) or _made_anew(c, facts, wanted)), None)
    served = served_lines(facts)
    if change is None or not served or _missed(facts, wanted):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} answers, and its users are served: the check still asks for what was changed on"
        f" purpose ({said(change, 240)}). Let it ask for the new.",
        supporting=[
            failure.model_copy(update={"note": "answered, only not as expected"}),
            change.cite("what it asks for was changed"),
            served[-1].cite("it serves meanwhile"),
        ],
        strength="strong",
        disproof="Open the page as a user does: missing more than the check asks for, it would be an incident.",
    )


def _of_monitor(facts: Facts) -> Citation | None:
    """The newest failure of our own check, where all of them are answers and nothing else is wrong."""
    monitor = facts.monitor
    failures = [line for line in monitor.lines if " down" in line] if monitor is not None else []
    if monitor is None or not monitor.down or not all(_ANSWERED.search(line) for line in failures):
        return None
    others = any(signal.evidence != monitor.evidence for signal in trouble_signals(facts))
    return None if others else monitor.cite_failure()


def _of_probe(facts: Facts) -> Citation | None:
    """The same of somebody else's check, as its series tell."""
    signals = trouble_signals(facts)
    codes = [m.last for m in facts.metrics if m.line.startswith("probe_http_status_code")]
    answered = codes and all(200 <= code < 400 or code in (404, 410) for code in codes)
    by_probe = signals and all(signal.quote.startswith("probe_") for signal in signals)
    return signals[0] if answered and by_probe else None


def _wanted(facts: Facts) -> list[str]:
    """The text that the check expects, and the path that it asks for."""
    watched = facts.case.monitor
    if watched is None:
        addresses = [value for alert in facts.case.alerts for value in alert.labels.values() if "://" in value]
        return [urlsplit(one).path for one in addresses]
    texts = [value for key, value in watched.config.items() if _EXPECTS.search(key) and isinstance(value, str)]
    return [*texts, urlsplit(watched.address).path]


def _missed(facts: Facts, wanted: Sequence[str]) -> bool:
    """Do users ask for it, too, and get nothing?"""
    asked = [request for line in [*facts.lines, *facts.usual] if (request := request_of(line.text)) is not None]
    vain = [one for one in asked if one.status >= 400 and not one.by_program and one.path.split("?")[0] in wanted]
    return len(vain) >= _OFTEN


def _names(change: LogLine, wanted: Sequence[str]) -> bool:
    text = change.message.lower()
    found = [re.search(rf"(?<![\w/-]){re.escape(one.lower())}(?![\w/-])", text) for one in wanted]
    return any(found) and _CHANGED.search(change.message) is not None


def _made_anew(change: LogLine, facts: Facts, wanted: Sequence[str]) -> bool:
    """Were its words or looks changed, and is what it answers since its own page still, and a sound one?"""
    checks = facts.case.monitor.checks if facts.case.monitor is not None else []
    check = next((one for one in checks if one.status == "down"), None)
    if check is None or check.status_code != 200 or not _MADE_ANEW.search(change.message):
        return False
    # The check says first what it missed; what it shows of the page comes after.
    _, _, shown = (check.error or "").partition("[")
    page = _TAG.sub(" ", f"{shown} {check.detail or ''}")
    own = {word.lower() for one in wanted for word in _WORD.findall(one)}
    return bool(own & {word.lower() for word in _WORD.findall(page)}) and not _BROKEN.search(page)


def _in_time(change: LogLine, facts: Facts) -> bool:
    since = facts.monitor.down_since if facts.monitor is not None else None
    since = since or facts.case.started_at
    return change.at is not None and since - _BEFORE <= change.at <= since + _AFTER
