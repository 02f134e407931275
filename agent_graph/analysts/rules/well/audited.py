"""Refused on purpose: somebody was asked to try the doors, and what keeps them shut counts each try."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.context.beforehand import target_of
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.hours import in_force
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_TEST = re.compile(
    r"pen-?test|penetration|red ?team|(?:security|vulnerability|port)[- ](?:scan|audit|test|assessment)"
    r"|\bscans?\b|\bscanning\b|\b(?:nessus|tenable|qualys|openvas|greenbone|rapid7|nexpose|nuclei|burp|acunetix)\b",
    re.IGNORECASE,
)
_OVER = re.compile(r"\b(?:finished|done|completed?|abort(?:ed)?|stopped|cancell?ed|ended|postponed)\b", re.IGNORECASE)
_REFUSED = re.compile(
    r"denied|\bdrop|block|refus|reject|forbidden|\b40[13]\b|\b429\b|4xx|too ?many ?requests|rate[- _]?limit"
    r"|authentication failed|no pg_hba\.conf entry"
    r"|Failed password|aborted_connects|(?:auth\w*|login|logon)_?(?:fail|error)\w*"
    r"|(?:failed|invalid)_?(?:auth|log[io]n|user|credential)\w*"
    r"|unsupported frontend protocol|no PostgreSQL user name|(?:invalid|bad|malformed) (?:packet|request|handshake)",
    re.IGNORECASE,
)
# A host's address, and not a network's, which is what is tested.
_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d|/\d)")
_NETWORK = re.compile(r"(?:\.\d{1,3}|:)/\d{1,3}\b|\*")
# Fields in which whoever asks says who he is.
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\b(?:user(?:name)?|login|agent|ua)[=: ]\S+", re.IGNORECASE)
# As MySQL tells who asks, which is said once and by itself.
_AT_HOST = re.compile(r"@'([\d.]+)'")
# Whether users are served is what these tell.
_SERVED = ("success", "errors", "few_errors", "latency", "probe")
_LOOKS_LIKE: frozenset[Category] = frozenset({"network_error", "permission_denied", "rate_limited"})
_LASTS, _SLACK = timedelta(hours=12), timedelta(minutes=5)
# So many tries, and nearly all of them theirs.
_LEAST, _THEIRS = 8, 0.9


def audited(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """It was registered before, nearly all who are refused bear the testers' name, and users are served as ever."""
    tests = [change for change in facts.changes if _is_test(change, facts)]
    good, trouble = good_signs(facts), trouble_signals(facts)
    stands = _stands(facts)
    looks_like = _LOOKS_LIKE | {"app_crash"} if stands else _LOOKS_LIKE
    if not tests or set(likely) - looks_like or not (stands or _served(facts)):
        return None
    if not all(_REFUSED.search(signal.quote.partition("}")[0]) for signal in trouble):
        return None
    test = tests[-1]
    tries = [line for line in [*facts.lines, *facts.usual, *facts.around] if _REFUSED.search(line.text)]
    theirs = [line for line in tries if _is_theirs(line, test)]
    counts = [sum(max(1, line.count) for line in some) for some in (theirs, tries)]
    if counts[0] < max(_LEAST, _THEIRS * counts[1]) or complains(facts, aside=theirs):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} keeps out whom it is to keep out, who was asked to try: {said(test, 300)}."
        " Others are served as before.",
        supporting=[test.cite("it was registered"), theirs[-1].cite("one of their tries"), *trouble[:1], *good[:3]],
        strength="strong",
        disproof="Ask who tests; anybody else who is refused, or a try that succeeds, would be an incident.",
    )


def _testers(test: LogLine) -> list[re.Pattern[str]]:
    """How lines name them: by what was registered, which may be who is tested, too, or by where they come from."""
    addresses = _ADDRESS.findall(test.message.partition(": ")[2] or test.message)
    names = [word for word in target_of(test) if not _NETWORK.search(test.message.partition(":")[0])]
    return [re.compile(rf"(?<![\w.]){re.escape(word)}(?![\w]|\.\d)", re.IGNORECASE) for word in addresses or names]


def _is_theirs(line: LogLine, test: LogLine) -> bool:
    """By their address where one was registered, else by name; what anybody can call himself does not count."""
    hosts = _AT_HOST.findall(line.text) if line.text.count("@") == 1 else []
    known, said = _ADDRESS.findall(test.message), " ".join([*hosts, _QUOTED.sub(" ", line.text)])
    own = any(who.search(said) for who in _testers(test))
    return own and (known == [] or _ADDRESS.findall(said)[:1] == [] or _ADDRESS.findall(said)[0] in known)


def _is_test(change: LogLine, facts: Facts) -> bool:
    began = facts.case.started_at
    just_then = change.at is not None and began - _LASTS <= change.at <= began + _SLACK
    if not just_then and not in_force(change, facts):
        return False
    return _TEST.search(change.message) is not None and _OVER.search(change.message) is None


def _served(facts: Facts) -> bool:
    well = {sign.quote for sign in facts.signs_of("healthy", "strong")}
    return any(metric.role in _SERVED and metric.cite().quote in well for metric in facts.metrics)


def _stands(facts: Facts) -> bool:
    """Does its engine see it run on without a restart, and its own health check pass?"""
    target = facts.target
    return target is not None and target.running and target.restarts == 0 and target.health == "healthy"
