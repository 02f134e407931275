"""What began only after the trouble was reported did not bring it about, as long as anything else may have."""

from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.confidence import ORDER
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.ranking import Ranked, rank
from backend.investigation.kinds import CaseFile, Confidence

# Reports are late themselves, and clocks disagree.
_SLACK = timedelta(minutes=5)


def ranked_in_time(findings: Sequence[tuple[Finding, Confidence]], case: CaseFile) -> list[Ranked]:
    """Ranked apart, and behind: what is first seen after an alert had long fired explains nothing that came before."""
    loops = any(finding.category == "restart_loop" for finding, _ in findings)
    late = [pair for pair in findings if case.alerts and _is_late(pair[0], case, loops=loops)]
    there = [pair for pair in findings if pair not in late]
    if not any(ORDER[sure] >= ORDER["likely"] for _, sure in there):
        return rank(findings)
    return [*rank(there), *rank(late)]


def _is_late(finding: Finding, case: CaseFile, *, loops: bool) -> bool:
    # Of what loops only the words of the last runs are kept: those of the first, that it began with, are gone.
    if finding.last_words or (loops and "restart_loop" in finding.explains):
        return False
    # What is proven was seen to happen, and only the first time that it was seen is known.
    return finding.strength != "proof" and finding.onset is not None and finding.onset > case.started_at + _SLACK
