"""rate_limited: the other side says: too many requests."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    # The status where a status stands, not any number: a size or an id may be 429, too.
    r"(?:status(?:_?code)?|code|HTTP/[\d.]+\"?|HTTP|response|error|got|returned"
    r"|received)[\"']?\s*[:= ]\s*[\"'(\[]?429\b"
    r"|^\W*429\b|\[429\]|\b429[ :,]+(?:\(?too many|client error|resource)|too many requests|toomanyrequests"
    r"|rate[- _]?limit(?:ed|ing)?[- _]?(?:exceeded|reached|hit|error)|(?:exceeded|hit|reached) .{0,40}rate limit"
    r"|(?:was|were|are|is|being|got) rate[- ]?limited|rate[- ]limited(?:,| by| until)|RateLimitError|Rate exceeded"
    r"|quota exceeded for (?:quota )?metric|Throttl(?:ing|ed)Exception"
    r"|(?-i:\b[A-Z_]*THROTTLED\b)|ThroughputExceeded|RequestLimitExceeded"
    r"|request(?:s)? (?:was|were|are|is) throttled|client-side throttling|limiting requests, excess"
    r"|es_rejected_execution|rejected execution of"
    r"|slow ?down\b.{0,40}(?:503|reduce|request)|retry[-_]after"
    # Mail servers, and whoever else counts what is sent: now too much, later again.
    r"|unusual rate|\b4\d\d[- ]4\.7\.(?:28|500|650)\b|sending (?:rate|limit)\b.{0,40}(?:exceed|reach)"
    r"|(?:requests?|calls?|writes?|reads?|client|producer|messages?|e?mails?)\b.{0,20}\bthrottled"
    r"|(?:\brate|too (?:many|much|fast)|volume|per (?:second|minute|hour|day))\b.{0,80}\btry again later",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """Lines about too many requests."""
    return match_words(
        facts,
        "rate_limited",
        _WORDS,
        "is rate limited",
        "Compare the request rate with the limit of the other side.",
    )


SIGNATURE = Signature("rate_limited", "lines about too many requests", ("dependency_failure", "quota_exceeded"), match)
