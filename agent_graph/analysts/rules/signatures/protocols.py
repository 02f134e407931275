"""Two ends that cannot agree on how to encrypt: each is well, and what one of them demands was changed."""

import re

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said_of, trouble_signals
from backend.investigation.kinds import Category

# What TLS libraries say of versions and ciphers, and nothing of certificates.
_DISAGREE = re.compile(
    r"alert[ _:]+protocol[ _]version|unsupported[ _]protocol(?![ _](?:scheme|for url))"
    r"|no[ _](?:shared[ _]cipher|protocols[ _]available)"
    r"|tls: (?:protocol version not supported|no supported versions|client offered only unsupported versions)"
    r"|no appropriate protocol|no cipher suites in common|(?:version|cipher)[_ ](?:or[_ ]cipher[_ ])?mismatch"
    r"|dh key too small|unsafe legacy renegotiation|inappropriate_fallback",
    re.IGNORECASE,
)
# Who knocks from outside with an old client tells of himself.
_FROM_OUTSIDE = re.compile(
    r"\bclient:? |remote error|accept(?:ing|ed)?\b|SSL_accept|http: TLS handshake error from", re.I
)
_SYMPTOMS: frozenset[Category] = frozenset({"dependency_failure", "certificate_expired", "network_error"})


def protocols_differ(facts: Facts) -> Finding | None:
    """Whoever asks says that the other end speaks no version or cipher that it demands."""
    lines = [line for line in facts.matching(_DISAGREE, any_level=True) if _is_of_asking(line)]
    signals = trouble_signals(facts)
    if not lines or not signals:
        return None
    return Finding(
        category="config_error",
        statement=f"{name(facts)}: two ends of a link are set to speak TLS in ways that do not fit:"
        f" {said_of(lines[0], _DISAGREE, 300)}.",
        supporting=[*log_citations(lines), *signals[:3]],
        strength="strong",
        onset=first_at(lines),
        explains=_SYMPTOMS,
        disproof="Compare the versions and ciphers that both ends allow; one in common would rule it out.",
    )


def _is_of_asking(line: LogLine) -> bool:
    return not _FROM_OUTSIDE.search(line.text)
