"""Who else began to complain as it began, again and again: said beside the conclusion, as what it may rest on."""

from collections.abc import Iterator
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import said
from backend.investigation.kinds import Citation

_BEFORE, _SLACK = timedelta(minutes=10), timedelta(minutes=1)
# Once or twice is said by anybody at any time; who is heard from the beginning of the log on has always said it.
_OFTEN, _UNHEARD = 10, timedelta(minutes=5)


def beside(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with its quote: the neighbour's complaint that began with it and is said most often."""
    began, since = finding.onset or facts.case.started_at, facts.heard_since
    first: dict[tuple[str, str], LogLine] = {}
    for line in sorted((line for line in facts.around if line.at), key=lambda line: line.at or began):
        first.setdefault((line.speaker, kind_of(line)), line)
    new = [line for line in first.values() if line.at and began - _BEFORE <= line.at <= began + _SLACK]
    new = [line for line in new if since and line.at and line.at - since >= _UNHEARD and line.speaker]
    bad = [line for line in new if line.level in ("warning", "error", "fatal") and line.count >= _OFTEN]
    if bad and not any(line.text in c.quote or c.quote in line.text for line in bad for c in finding.supporting):
        most = max(bad, key=lambda line: line.count)
        told = f"{most.speaker} complains since {most.at:%H:%M} UTC, {most.count} times: {said(most, 200)}"
        yield told, most.cite("who else complains since it began")
