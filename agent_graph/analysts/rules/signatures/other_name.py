"""config_error: it is asked for by a name that it does not bear, in its certificate or in what it was told to serve."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from backend.investigation.kinds import Category

# As clients say that a certificate is somebody else's: Node, curl, Java, Go, PostgreSQL, Python, .NET, browsers.
_OTHERS = re.compile(
    r"not match certificate'?s altnames|CERT_ALTNAME_INVALID|no alternative certificate subject name matches"
    r"|(?:CertificateException: no|no subject alternative)(?: \w+){0,3} (?:matching .{1,200} found|present)"
    r"|contain any IP SANs"
    r"|certificate(?: for .{1,200})? does(?: not|n't) match (?:the )?(?:target )?(?:host|server|domain) ?name"
    r"|(?:hostname|ip address) mismatch.{0,40}certificate|certificate is (?:not valid for|valid for .{1,200}, not) "
    r"|RemoteCertificateNameMismatch|CERT_COMMON_NAME_INVALID|BAD_CERT_DOMAIN",
    re.IGNORECASE,
)
# As servers say that they were asked for under a name that nobody told them: Nextcloud, Django, Rails, Vite, Symfony,
# Drupal, webpack. Scanners ask by any name, at all times.
_UNSERVED = re.compile(
    r"trusted domain error|invalid http_host header|DisallowedHost|\bblocked hosts?: |HostAuthorization"
    r"|\bthis host \(.{1,200}\) is not allowed|\bUntrusted Host\b|host ?name is not valid for this server"
    r"|invalid host(?: ?name)? header|non-local host\b",
    re.IGNORECASE,
)
_BEFORE, _UNHEARD = timedelta(minutes=30), timedelta(minutes=2)
_SYMPTOMS: frozenset[Category] = frozenset({"dependency_failure", "network_error"})
_OF_A_NAME: frozenset[Category] = frozenset({*_SYMPTOMS, "certificate_expired"})
_OF_A_SERVER: frozenset[Category] = frozenset({*_SYMPTOMS, "probe_failure", "dns_failure"})


def other_name(facts: Facts) -> Finding | None:
    """Whom it asks bears another name; or its users ask it by one that it was not told to serve."""
    return _not_in_certificate(facts) or _not_served(facts)


def _not_in_certificate(facts: Facts) -> Finding | None:
    """A certificate that is seen to be in time, and is refused for its name."""
    lines, left = facts.matching(_OTHERS), facts.metric("certificate")
    if not lines or (left is not None and left.last <= 0):
        return None
    signals = [*trouble_signals(facts)[:3], *([facts.alert] if facts.alert is not None else [])]
    valid = _valid(left)
    return Finding(
        category="config_error",
        statement=f"{name(facts)} asks by a name or address that the other's certificate does not bear: "
        f"{said(lines[0], 240)}{'; the certificate itself is in time' if valid else ''}.",
        supporting=[
            *log_citations(lines),
            *([left.cite("it is in time")] if left is not None and valid else []),
            *signals,
        ],
        strength="strong" if signals or valid else "weak",
        onset=first_at(lines),
        explains=_OF_A_NAME if valid else _SYMPTOMS,
        rooted=valid,
        disproof="Ask for it by a name that stands in its certificate: failing all the same would rule it out.",
    )


def _valid(left: Metric | None) -> bool:
    return left is not None and left.last > 0


def _not_served(facts: Facts) -> Finding | None:
    """Refused since it began: the very name that is watched, or what was served until then."""
    lines, signals = facts.matching(_UNSERVED, any_level=True), trouble_signals(facts)
    served = [s for s in facts.signs_of("trouble", "strong") if s.source == "requests"]
    watched = _watched(facts)
    meant = [line for line in lines if served or any(host in line.text.lower() for host in watched)]
    if not meant or not signals or not _is_new(meant[0], facts):
        return None
    return Finding(
        category="config_error",
        statement=f"{name(facts)} turns away who asks for it by a name that it was not told to serve: "
        f"{said(meant[0], 240)}.",
        supporting=[*log_citations(meant), *signals[:3], *(s.cite("it was served before") for s in served[:1])],
        strength="strong",
        onset=first_at(meant),
        explains=_OF_A_SERVER,
        rooted=True,
        disproof="Ask for it by the name that it serves: being turned away all the same would rule it out.",
    )


def _watched(facts: Facts) -> set[str]:
    """The hosts that our own check asks for."""
    address = facts.case.monitor.address if facts.case.monitor is not None else ""
    host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    return {host.lower()} if "." in host else set()


def _is_new(line: LogLine, facts: Facts) -> bool:
    if line.at is None or line.at < facts.case.started_at - _BEFORE:
        return False
    return facts.heard_since is None or line.at - facts.heard_since >= _UNHEARD
