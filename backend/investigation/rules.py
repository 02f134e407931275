"""May this worker investigate this incident now? And what belongs on the incident when it has."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from backend.incident.rules import CLOSED, Refusal, Status, words
from backend.investigation.kinds import Evidence, Report
from backend.investigation.names import is_host, known_names

# A live worker renews three times before this is over.
LEASE = timedelta(seconds=12)
RENEW_SECONDS = 4.0

MAX_LOGS = 20_000

BUSY = Refusal("Another worker is at it.")

_OUT_OF_REACH = re.compile(r"\bcannot reach ([A-Za-z][\w.-]{0,198}\w)(?::(\d{2,5})\b)?")


@dataclass(frozen=True)
class Running:
    """The lease of an investigation that has not ended."""

    leased_by: str | None
    lease_until: datetime | None

    def held_by_another(self, worker: str, now: datetime) -> bool:
        return self.leased_by not in (None, worker) and self.lease_until is not None and self.lease_until > now


def start(status: Status, running: Running | None, worker: str, now: datetime) -> Literal["begin", "resume"] | Refusal:
    """What a worker that was given the job does: begin a round, take up an interrupted one, or leave it."""
    if status in CLOSED:
        return Refusal(f"The incident is {words(status)}; there is nothing to investigate.")
    if status not in ("detected", "investigating"):
        return Refusal(f"The incident is {words(status)}: it has been investigated, and nobody asked again.")
    if running is not None and running.held_by_another(worker, now):
        return BUSY
    # An incident that was reopened since starts afresh; what ran before it was closed is of no use.
    return "resume" if running is not None and status == "investigating" else "begin"


def sentence(report: Report) -> str:
    """The conclusion as the timeline tells it, and why the model has no part in it where it should have had."""
    begin = {"incident": f"Root cause ({report.confidence})", "not_an_incident": "Not an incident"}
    told = f"{begin.get(report.verdict, 'Inconclusive')}: {report.root_cause}"
    return f"{told} ({report.analyst_note})" if report.analyst_note else told


def reasoning(report: Report) -> str:
    """Summary, how it was reached, what is missing, who spoke."""
    parts = [report.summary, report.reasoning if report.reasoning != report.summary else "", report.analyst_note]
    if report.missing:
        parts.append("Not available: " + "; ".join(report.missing) + ".")
    if report.dropped_claims:
        parts.append(f"{report.dropped_claims} claims or quotes without proof were removed.")
    return "\n\n".join(part for part in parts if part)


def decisive_log(report: Report, evidence: list[Evidence]) -> str:
    """The log that the leading hypothesis quotes, else the first log there is; capped at its quoted part."""
    logs = {found.label: found for found in evidence if found.kind == "log" and found.content}
    quoted = [c for h in report.hypotheses[:1] for c in h.supporting if c.evidence in logs]
    if not logs:
        return ""
    text = logs[quoted[0].evidence].content if quoted else next(iter(logs.values())).content
    at = max(0, text.find(quoted[0].quote[:80])) if quoted else 0
    start = max(0, at - MAX_LOGS // 2)
    return text[start : start + MAX_LOGS]


def needs_person(report: Report) -> str | None:
    """Why the automation stops here; None when an action is about to be proposed or nothing is wrong."""
    if report.proposal is not None or report.verdict == "not_an_incident":
        return None
    if report.verdict == "inconclusive":
        return "The cause could not be established; a person must look."
    if report.confidence == "possible":
        return "The cause is only a guess, and nothing is proposed on a mere possibility; a person must look."
    return "No safe action is known for this cause; a person must act."


def seen_dependency(report: Report, evidence: Collection[Evidence]) -> str | None:
    """What the target was found to need: the name that the leading hypothesis says it cannot reach.

    Only what can be one, for it is kept: a name with a port, dots or dashes, or of somebody whom the evidence knows.
    """
    for found in report.hypotheses[:1]:
        named = _OUT_OF_REACH.search(found.statement)
        if report.verdict != "incident" or found.category != "dependency_failure" or named is None:
            return None
        sure = found.confidence in ("confirmed", "likely") and named[1] != "localhost"
        return named[1] if sure and is_host(named[1], named[2], known_names(evidence)) else None
    return None
