"""Why it fails, where a state can only say that it does: the log's own words about the same thing."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import said
from agent_graph.logs.words import taken_back
from backend.redaction.clean import one_line

# What tells more than that something failed: a status, or what was wrong.
_TELLING = re.compile(
    r"\b[45]\d\d\b|denied|forbidden|refused|tim(?:ed|e)[- ]?out|no such|not (?:found|exist|permitted)|no space"
    r"|unauthori|expired|invalid|resolve|unreachable|quota|mismatch|signature",
    re.IGNORECASE,
)
_MOST = 2


def reasoned(finding: Finding, facts: Facts) -> Finding:
    """The finding with what the log says of it, where its state named what to look for (`why`: category → words)."""
    about = facts.platform.get("why", {}).get(finding.category)
    lines = _about(about, facts) if about else []
    if not lines:
        return finding
    statement = one_line(f"{finding.statement.rstrip('.')}: {said(lines[0])}", 600) + "."
    return replace(finding, statement=statement, supporting=finding.supported((line.cite() for line in lines), after=1))


def _about(words: str, facts: Facts) -> list[LogLine]:
    """Of each kind the first, the most telling kinds first; a level counts less than what is said."""
    kinds: dict[str, LogLine] = {}
    for line in [*facts.lines, *facts.around]:
        if line.is_bad and not taken_back(line.text) and re.search(words, line.text, re.IGNORECASE):
            kinds.setdefault(kind_of(line), line)
    return sorted(kinds.values(), key=lambda line: -len(_TELLING.findall(line.message)))[:_MOST]
