"""rate_limited: the other side says: too many requests."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    # The status where a status stands, not any number: a size or an id may be 429, too.
    r"(?:status(?:_?code)?|code|HTTP/[\d.]+\"?|HTTP|response|error|got|returned"
    r"|received|answer(?:ed|s)?|repl(?:ied|ies)|respond(?:ed|s)(?: with)?)[\"']?\s*[:= ]\s*[\"'(\[]?429\b"
    r"|^\W*429\b|\[429\]|\b429[ :,]+(?:\(?too many|client error|resource)|too[ _-]?many[ _-]?requests"
    r"|rate[- _]?limit(?:ed|ing)?[- _]?(?:exceeded|reached|hit|error)|(?:exceeded|hit|reached) .{0,40}rate limit"
    # So many may ask in a time: exceeded 20 authorisations/min. What else is counted in a time is a measurement.
    r"|\bexceed(?:ed|s|ing)\b.{0,40}\d (?:[\w-]{1,30} )?"
    r"(?:requests?|calls?|messages?|e?mails?|authori[sz]ations?|transactions?)"
    r"(?: allowed)? ?(?:/ ?|per )(?:s|sec(?:ond)?|min(?:ute)?|h(?:our)?|day)\b"
    r"|(?:was|were|are|is|being|got) rate[- ]?limited|rate[- ]limited(?:,| by| until)|RateLimitError|Rate exceeded"
    r"|quota exceeded for (?:quota )?metric|Throttl(?:ing|ed)Exception"
    r"|(?-i:\b[A-Z_]*THROTTLED\b)|ThroughputExceeded|RequestLimitExceeded"
    r"|request(?:s)? (?:was|were|are|is) throttled|client-side throttling|limiting requests, excess"
    r"|es_rejected_execution|rejected execution of"
    r"|slow ?down\b.{0,40}(?:503|reduce|request)"
    # Mail servers, and whoever else counts what is sent: now too much, later again.
    r"|unusual rate|\b4\d\d[- ]4\.7\.(?:28|500|650)\b|sending (?:rate|limit)\b.{0,40}(?:exceed|reach)"
    r"|(?:requests?|calls?|writes?|reads?|client|producer|messages?|e?mails?)\b.{0,20}\bthrottled"
    r"|(?:\brate|too (?:many|much|fast)|volume|per (?:second|minute|hour|day))\b.{0,80}\btry again later",
    re.IGNORECASE,
)
# How many of those that ask are served badly, or wait, is measured, too.
_MEASURED = re.compile(
    r"\b(?:slow|fail(?:ed|ing|ures?)|errors|error rates?|retries|time-?outs?|dropped|dead|lost|pending|queued?|backlog"
    r"|lag|latency|churn|load|traffic|throughput)(?: [\w-]{1,40}){0,2} exceed(?:ed|s|ing)\b",
    re.IGNORECASE,
)
# When to come again is said to whoever asks too often; but also to everybody, by who is away for a while.
_LATER = re.compile(r"retry[-_]after", re.IGNORECASE)
_AWAY = re.compile(r"\b503\b|service (?:temporarily )?unavailable|under maintenance", re.IGNORECASE)
_ANY = re.compile(f"{_WORDS.pattern}|{_LATER.pattern}", re.IGNORECASE)


def match(facts: Facts) -> Finding | None:
    """Lines about too many requests."""
    return match_words(
        replace(facts, lines=[line for line in facts.lines if not (_is_away(line) or _is_measured(line))]),
        "rate_limited",
        _ANY,
        "is rate limited",
        "Compare the request rate with the limit of the other side.",
    )


def _is_away(line: LogLine) -> bool:
    """Does it only say when to come again, beside that nobody is served now?"""
    later = _LATER.search(line.text) is not None and _AWAY.search(line.text) is not None
    return later and _WORDS.search(line.text) is None


def _is_measured(line: LogLine) -> bool:
    """Does nothing else in it say that somebody asks too often?"""
    return _MEASURED.search(line.text) is not None and _ANY.search(_MEASURED.sub("", line.text)) is None


SIGNATURE = Signature("rate_limited", "lines about too many requests", ("dependency_failure", "quota_exceeded"), match)
