"""Who else says the same: a limit is shared, and whoever asks most of it may not be the one who complains."""

import re
from collections import Counter
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.logs.lines import STREAM
from agent_graph.sources.signs import aliases, belongs, stems
from backend.investigation.kinds import Category
from backend.redaction.clean import one_line

_SHARED: frozenset[Category] = frozenset({"rate_limited", "quota_exceeded", "connection_exhaustion"})
_WORD = re.compile(r"[a-z]{5,}")
# So many words in common make it the same complaint.
_ALIKE = 3


def with_fellows(finding: Finding, facts: Facts) -> Finding:
    """The finding with the first line of whoever says the same most often besides the target."""
    # Where the server itself told who has most, its own complaint adds nothing.
    counted = finding.category == "connection_exhaustion" and "connections" in facts.platform
    if finding.category not in _SHARED or counted:
        return finding
    said = _complaint(finding, facts)
    others = [(who, line) for line in facts.around if (who := _speaker(line, facts)) and _alike(line, said)]
    if not said or not others:
        return finding
    most, times = Counter(who for who, _ in others).most_common(1)[0]
    line = next(line for who, line in others if who == most)
    statement = one_line(f"{finding.statement.rstrip('.')}; {most} says the same", 600) + "."
    how = f"says the same, in {times} lines" if times > 1 else "says the same"
    return replace(finding, statement=statement, supporting=finding.supported([line.cite(how)], after=1))


def _complaint(finding: Finding, facts: Facts) -> set[str]:
    """The words of the first of the target's own lines that the finding rests on."""
    own = {line.cite().quote: line for line in facts.lines}
    first = next((own[citation.quote] for citation in finding.supporting if citation.quote in own), None)
    return set(_WORD.findall(first.text.lower())) if first else set()


def _alike(line: LogLine, said: set[str]) -> bool:
    loud = line.level in ("error", "fatal", "warning", None)
    return loud and len(said & set(_WORD.findall(STREAM.sub("", line.text).lower()))) >= _ALIKE


def _speaker(line: LogLine, facts: Facts) -> str:
    """The workload that says it; empty where it is the target, or nobody is named."""
    tag = STREAM.match(line.text)
    name = tag[2] if tag else ""
    while name and (stem := stems(name)):
        name = stem[0]
    return "" if belongs(name, aliases(facts.case)) else name
