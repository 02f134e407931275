"""A check that was made moments ago by discovery, and finds what has been so for long before there was a check."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_MADE = re.compile(
    r"auto-?(?:matic(?:ally)?[- ])?(?:discover|import|creat|add)|discover(?:y|ed)|bulk[- ]?import"
    r"|checks? (?:were )?created",
    re.IGNORECASE,
)
# Since when it has been so, as checks of certificates say: not the time at which they looked.
_SINCE = re.compile(
    r"(?:is after|not ?after[=: ]*|expired (?:on|at|since)|valid until)\s*(\d{4})-(\d\d)-(\d\d)", re.IGNORECASE
)
_NAMED = re.compile(r"(?<![\w.-])(?:\*\.)?(?:[a-z0-9-]{1,63}\.){1,20}[a-z]{2,63}", re.IGNORECASE)
# Whoever used it would have said so in so long.
_LONG, _JUST_BEFORE = timedelta(days=180), timedelta(minutes=15)
_LOOKS_LIKE: frozenset[Category] = frozenset({"certificate_expired", "network_error"})


def found_by_new_check(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All its checks failed, the first of them just after discovery made it, for what is far older, and alone."""
    watched, monitor = facts.case.monitor, facts.monitor
    if watched is None or monitor is None or set(likely) - _LOOKS_LIKE or complains(facts):
        return None
    checks = [check for check in watched.checks if check.status != "unknown"]
    if not checks or any(check.status == "up" for check in checks):
        return None
    first, host = min(check.at for check in checks), _host(watched.address)
    made = next((c for c in reversed(facts.changes) if _made(c, first) and _names(c, host)), None)
    since = [_since(check.error or "") for check in checks]
    old = [at for at in since if at is not None and at <= first - _LONG]
    good = [c for c in good_signs(facts) if host not in c.quote]
    others = [c for c in trouble_signals(facts) if c.evidence != monitor.evidence]
    if made is None or len(old) < len(checks) or others or not good:
        return None
    failure = monitor.cite_failure()
    return Finding(
        category="healthy",
        statement=f"Nothing happened to {name(facts)}: the check is new ({said(made, 240)}) and has never passed, and"
        f" what it finds has been so since {old[0]:%Y-%m-%d}. Ask its owner whether it is to be checked.",
        supporting=[
            made.cite("the check was made"),
            *([failure.model_copy(update={"note": "so for long before"})] if failure else []),
            *good[:3],
        ],
        strength="strong",
        disproof="Ask its owner; being used by anybody, it is to be renewed.",
    )


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address
    except ValueError:
        return address


def _made(change: LogLine, first: datetime) -> bool:
    return (
        change.at is not None
        and timedelta() <= first - change.at <= _JUST_BEFORE
        and _MADE.search(change.message) is not None
    )


def _names(change: LogLine, host: str) -> bool:
    """Does it name the host, or all beneath its domain?"""
    named = [one.lower() for one in _NAMED.findall(change.message)]
    return any(one == host or (one.startswith("*.") and host.endswith(one[1:])) for one in named)


def _since(error: str) -> datetime | None:
    found = _SINCE.search(error)
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC) if found else None
    except ValueError:
        return None
