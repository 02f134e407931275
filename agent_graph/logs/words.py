"""Words that good news does not contain, and the phrases that take them back."""

import re

from agent_graph.logs.literals import may_match

# Plain pieces, looked up one by one: ten times as fast as one pattern of them all, and every kind of line is asked.
_OMINOUS = (
    *("out of memory", "oom", "killed process", "allocate memory", "overhead, spent", "no space left", "enospc"),
    *("disk full", "quota exceeded", "refused", "unreachable", "no route", "timeout", "timed out", "time out"),
    *("reset by peer", "could not", "cannot", "can't", "unable to", "failed", "failure", "fatal", "panic", "exception"),
    *("traceback", "segfault", "segmentation", "abort", "denied", "forbidden", "expired", "exhausted", "too many"),
    *("exceeded", "no such host", "name resolution", "not resolve", "not known", "unauthorized", "corrupt", "deadlock"),
    *("invalid", "missing", "not set", "unhealthy", "crash", "exited", "slots are reserved", "emfile", "broken pipe"),
    *("x509", "certificate", "unknown directive", "not available", "limit of size", "unavailable", "throttl"),
    *("rate limit", "rate-limit", "rate_limit", "ratelimit", "slow query", "slow sql", "is locked", "pool is full"),
    *("no more connection", "connections reached", "healthy upstream", "live upstream", "gone away", "econn"),
    *("enotfound", "eai_again", "misbehaving", "host not found", "seconds behind", "still waiting for", "skew"),
    *("conflict with recovery", "circuit breaker", "eaddr", "etimedout", "unresponsive", "starvation", "stuck"),
    *("not authorised", "not authorized"),
)
_TAKEN_BACK = re.compile(
    r"\b(?:0|no|zero) (?:errors?|failures?|failed)\b|\b(?:errors?|failures?|failed)[=:]\s?0\b|succeeded after"
    r"|(?<!not )recovered|reconnected|retry succeeded"
    r"|simulat|dry[- ]run|\bself[- ]test|health ?check (?:ok|passed)|will (?:be )?retr(?:y|ied) later"
    # Of two who write at once the second writes again: so those that keep a state see to it.
    r"|expected in tests|restored|\bre-?queu\w+\b.{0,60}\b(?:optimistic lock|conflict)",
    re.IGNORECASE,
)
_may_be_taken_back = may_match(_TAKEN_BACK)


def ominous(text: str) -> bool:
    """Does it sound like trouble?"""
    lower = text.lower()
    return any(piece in lower for piece in _OMINOUS) and not taken_back(text)


def taken_back(text: str) -> bool:
    """Does the line itself say that it is over, or was never serious?"""
    return _may_be_taken_back(text) and _TAKEN_BACK.search(text) is not None
