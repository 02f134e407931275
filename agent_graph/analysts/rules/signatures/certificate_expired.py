"""certificate_expired: TLS is refused because a certificate is past its date."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from agent_graph.analysts.rules.context.renewed import renewals_of
from agent_graph.analysts.rules.context.running_out import running_out
from agent_graph.analysts.rules.context.unloaded import unloaded
from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding, Signature, Strength
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said, trouble_signals
from backend.investigation.kinds import Citation

_WORDS = re.compile(
    # The other side's TLS alert is called certificate_expired, and browsers' SEC_ERROR_EXPIRED_CERTIFICATE.
    r"certificate[ _](?:has |is )?expired|expired[ _]certificate|certificate.{0,60}not yet valid|CERT_HAS_EXPIRED"
    r"|(?:certificate verify failed|SSL|TLS|peer certificate|certificate).{0,60}\bexpired\b"
    r"|CertificateExpiredException|CertificateNotYetValid|CertPathValidatorException: validity check failed"
    r"|certificate (?:verification error|verify failed).{0,120}(?:expired|not yet valid)|NotTimeValid"
    r"|certificate validity (?:check|period).{0,30}(?:fail|end)|expired on .{0,40}certificate",
    re.IGNORECASE,
)
# How soon after its end whoever checks that place fails, and how much clocks differ.
_SOON, _CLOCKS = timedelta(minutes=15), timedelta(minutes=2)


def match(facts: Facts) -> Finding | None:
    """The probe's time left below zero, our check's TLS error, or the words of a client."""
    lines, left = facts.matching(_WORDS, any_level=True), _run_out(facts)
    check = facts.monitor.find(_WORDS) if facts.monitor is not None else None
    supporting: list[Citation] = []
    strength: Strength = "weak"
    if left is not None:
        supporting.append(left.cite("no time left"))
        strength = "proof"
    if check is not None:
        supporting.append(check)
        strength = "proof"
    if not lines and not supporting:
        return _not_renewed(facts)
    if lines:
        supporting = [*log_citations(lines), *supporting]
        signals = trouble_signals(facts)
        supporting += signals
        strength = "strong" if strength == "weak" and signals else strength
    what = f": {said(lines[0])}" if lines else ""
    renewal = renewals_of(facts)
    supporting += [line.cite("said of renewing it") for line in renewal]
    why = f". Of renewing it was said at {renewal[0].at:%Y-%m-%d %H:%M} UTC: {said(renewal[0], 300)}" if renewal else ""
    old, cited = unloaded(facts)
    supporting += cited
    return Finding(
        category="certificate_expired",
        statement=f"A certificate that {name(facts)} shows or relies on has expired{_place(left)}{what}{old}{why}.",
        supporting=supporting,
        strength=strength,
        onset=onset(first_at(lines), _ended(left) if left is not None and left.highest > 0 else None),
        disproof="openssl s_client -connect HOST:443 | openssl x509 -noout -dates",
    )


def _run_out(facts: Facts) -> Metric | None:
    """What has no time left: the only one or the first; of several that are measured, one whose own place is not
    answered any more since its end. Of others somebody else may take care."""
    left = [metric for metric in facts.metrics if metric.role == "certificate"]
    over = [metric for metric in left if metric.last <= 0]
    return next((metric for metric in over if metric is left[0] or _fails_since(metric, facts)), None)


def _place(left: Metric | None) -> str:
    place = left.labels.get("instance") if left is not None else None
    return f" ({place})" if place else ""


def _ended(left: Metric) -> datetime | None:
    """When its time was over; None where that is no date, as of an exporter that has no certificate to look at."""
    moment = left.points[-1][0] + left.last
    return datetime.fromtimestamp(moment, UTC) if 0 < moment <= left.points[-1][0] else None


def _fails_since(left: Metric, facts: Facts) -> bool:
    """Was the same place checked with success until then, and never since?"""
    place, ended = left.labels.get("instance"), _ended(left)
    if ended is None:
        return False
    checks = [m for m in facts.metrics if m.role in ("probe", "up") and place and m.labels.get("instance") == place]
    turned = [m.points[i + 1][0] for m in checks for i, (a, b) in enumerate(pairwise(m.points)) if b[1] == 0 < a[1]]
    down = any(metric.last == 0 for metric in checks)
    return down and any(-_CLOCKS <= datetime.fromtimestamp(at, UTC) - ended <= _SOON for at in turned[-1:])


def _not_renewed(facts: Facts) -> Finding | None:
    """Still valid, and not for long: whoever is to renew it complains."""
    found = running_out(facts)
    if found is None:
        return None
    left, complaint = found
    measured = [left.cite("what is left of it")] if left is not None else []
    return Finding(
        category="certificate_expired",
        statement=f"A certificate of {name(facts)} runs out soon, and renewing it fails: {said(complaint, 500)}.",
        supporting=[*measured, complaint.cite("said of renewing it"), *([facts.alert] if facts.alert else [])],
        strength="strong",
        onset=complaint.at,
        disproof="Let it be renewed now, and look whether what is served is valid for longer.",
    )


SIGNATURE = Signature(
    "certificate_expired", "time left below zero, or a client that says so", ("network_error",), match
)
