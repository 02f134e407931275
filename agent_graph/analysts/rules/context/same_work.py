"""What a process is at each time that it ends: one job, file or message that it takes up again after every start."""

import re
from collections.abc import Iterator
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import said
from backend.investigation.kinds import Category, Citation

_ENDED: frozenset[Category] = frozenset({"oom", "restart_loop", "app_crash"})
# One piece of work by its name: jid=44f0…, file=big.csv, offset 48812.
_WORK = re.compile(
    r"\b(\w*(?:id|key|offset|job|task|message|file|batch|record|order|import|export|report|document|uuid))"
    r"[\"']?[=: #]{1,3}[\"']?([\w./-]*\d[\w./-]{3,}|[\w/-]+\.\w{2,5})",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"^(?:[pt]id|thread\w*|container\w*|instance\w*|host\w*|client\w*|group\w*|node\w*|app\w*|account\w*)", re.I
)
# So far apart it is another run; so few lines of all are of one piece of work.
_ANOTHER_RUN, _FEW = timedelta(minutes=2), 0.2


def same_work(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote: the work, where it was begun in more than one run."""
    restarted = facts.target is not None and facts.target.restarts > 0
    ends = restarted or any(facts.signs_of(c, "proof", "strong") for c in ("restart_loop", "oom"))
    if finding.category not in _ENDED or not ends:
        return
    found = _of_several_runs([line for line in facts.lines if line.at and not line.speaker])
    # The same piece of work, told already, needs no second sentence.
    if found and not any(value in finding.told for line in found for _, value in _WORK.findall(line.message)):
        line = found[0]
        yield f"Each time it was at the same work: {said(line, 240)}", line.cite("taken up again in each run")


def _of_several_runs(lines: list[LogLine]) -> list[LogLine]:
    """The lines of the one piece of work that was said in most runs; what tells most of it first."""
    works: dict[str, list[LogLine]] = {}
    for line in lines:
        for value in {value for key, value in _WORK.findall(line.message) if not _WHO.match(key)}:
            works.setdefault(value, []).append(line)
    again = {work: found for work, found in works.items() if _runs(found) > 1 and len(found) <= _FEW * len(lines)}
    if not again:
        return []
    most = max(again.values(), key=_runs)
    last = {kind_of(line): line for line in most}
    return sorted(last.values(), key=lambda line: -len(_WORK.findall(line.message)))


def _runs(lines: list[LogLine]) -> int:
    """In how many runs was the same kind of line said of it?"""
    moments: dict[str, list[LogLine]] = {}
    for line in lines:
        known = moments.setdefault(kind_of(line), [])
        if line.at and (not known or (known[-1].at and line.at - known[-1].at >= _ANOTHER_RUN)):
            known.append(line)
    return max((len(known) for known in moments.values()), default=0)
