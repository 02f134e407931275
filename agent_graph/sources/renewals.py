"""What runs out on its day was to be renewed weeks before: whoever renews certificates said then why it was not."""

import re
from datetime import datetime, timedelta

from agent_graph.safety.evidence import safe_log
from agent_graph.sources.asking import window
from agent_graph.sources.fetch import quoted
from agent_graph.wording import counted
from backend.investigation.kinds import CaseFile, Evidence

# Loki's own default for the longest span that may be asked for.
BEFORE = timedelta(days=30)
MOST = 60
# Those who renew, in the words of ACME clients, of issuers and of the hooks that load what was renewed.
WORDS = (
    r"(?i)(certbot|\bacme\b|acme\.sh|lego\b|cert-?manager|let'?s ?encrypt|letsencrypt|(dns|http|tls.alpn)-?01"
    r"|(renew|obtain|issue|receiv)\w*.{0,60}cert|cert\w*.{0,100}(renew|obtain|issue|expires on)|deploy-?hook|renewal)"
)
_WORDS = re.compile(WORDS.removeprefix("(?i)"), re.IGNORECASE)
# That the other side does not take it any more is what comes of it.
_REFUSED = re.compile(r"received fatal alert", re.IGNORECASE)
# A certificate that ran out or will, or that is not accepted; who only names TLS may be slow.
_ABOUT = re.compile(
    r"x509|NET::ERR_CERT|CERT_HAS_EXPIRED|certificate verify failed"
    r"|cert(?:ificate)?s?(?:\b|(?=[A-Z_])).{0,80}(?:expir|not yet valid|ran out|runs out|renew|valid|days)"
    r"|(?:expir|renew|invalid).{0,40}cert|\b(?:TLS|SSL)\b.{0,40}expir|(?:tls|ssl|cert\w*)_?(?:expir|not_after)",
    re.IGNORECASE,
)
# Whoever renews, by the names that it runs under.
_RENEWERS = "certbot|acme|lego|cert-?manager|letsencrypt|dehydrated|step-ca|traefik|caddy|nginx-proxy"


def is_about(case: CaseFile) -> bool:
    """Does whoever complains name a certificate that is not valid, or will not be?"""
    alerts = [text for alert in case.alerts for text in (alert.name, *alert.annotations.values())]
    checks = case.monitor.checks if case.monitor is not None else []
    return any(_ABOUT.search(text) for text in (case.title, *alerts, *(c.error or "" for c in checks)))


def streams(case: CaseFile) -> list[str]:
    """Where it would be said, narrow enough to be read over weeks: its namespace and those who renew."""
    space = case.target.namespace
    if space:
        return [f"{{namespace=~{quoted(f'{re.escape(space)}|cert-manager|traefik|ingress-nginx')}}}"]
    return [f"{{{label}=~{quoted(f'(?i).*({_RENEWERS}).*')}}}" for label in ("service_name", "unit")]


def tells(line: str) -> bool:
    """Is it about renewing one?"""
    return _WORDS.search(line) is not None and not _REFUSED.search(line)


def span(case: CaseFile) -> tuple[datetime, datetime]:
    """From weeks before up to where the ordinary look at logs begins."""
    start, _ = window(case)
    return start - BEFORE, start


def evidence(source: str, query: str, case: CaseFile, lines: list[str]) -> Evidence:
    """`lines`: stamped, in their order; the last are kept. They are of others, and weeks old: nobody's signal."""
    start, end = span(case)
    kept = lines[-MOST:]
    return Evidence(
        source=source,
        kind="log",
        title="What was said of renewing certificates before",
        query=query,
        window_start=start,
        window_end=end,
        summary=f"{counted(len(lines), 'line')} about renewing certificates in the {BEFORE.days} days before.",
        content=safe_log("\n".join(kept).encode("utf-8", "replace")),
        data={"own": False, "about": "renewal"},
        truncated=len(kept) < len(lines),
    )
