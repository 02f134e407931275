"""Who waits for another piece of work, a migration or a set-up job, fails as that one does: its own last words tell."""

import re
from collections.abc import Iterator, Sequence

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from agent_graph.sources.signs import belongs, stems
from backend.investigation.kinds import Category, Citation

# What is seen of somebody who does not get on.
_SEEN: frozenset[Category] = frozenset(
    {"bad_deploy", "probe_failure", "restart_loop", "app_crash", "dependency_failure", "config_error"}
)
_WAITS = re.compile(
    r"\bwait(?:s|ing|ed)?\b|\bblocked (?:on|by|until)|not (?:yet )?(?:complete|finished|applied|succeeded)"
    r"|pending migrat",
    re.IGNORECASE,
)
# The line that names what went wrong, wherever it stands among the frames of a trace.
_NAMES_IT = re.compile(
    r"^[\w.$:]*(?:Error|Exception|Violation|Failure)\b.{0,3}:? ?\S|\b(?:error|fatal|panic)(?:\[\w+\])?: \S",
    re.IGNORECASE,
)
_DETAIL = re.compile(r"^(?:DETAIL|HINT|Reason|Caused by|Details?):", re.IGNORECASE)
# A plain word is the name of nothing.
_SHORTEST = 5


def awaited(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote each: whom it waits for, and what that one said as it failed."""
    if finding.category not in _SEEN:
        return
    waits = [line for line in [*facts.lines, *facts.usual] if _WAITS.search(line.message)]
    for sign in facts.signs_of("other_down"):
        name = (stems(sign.subject) or [sign.subject])[0]
        line = next((line for line in waits if _names(name, line.message)), None)
        if line is None:
            continue
        yield f"It waits for {name}, which is down: {said(line)}", line.cite("what it waits for")
        last = _last_words(_of(sign, name, facts.around))
        if last:
            yield f"{name} said: {'; '.join(said(one, 240) for one in last)}", last[0].cite("why that one failed")
        return


def _names(name: str, message: str) -> bool:
    return len(name) >= _SHORTEST and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", message) is not None


def _of(sign: Sign, name: str, lines: Sequence[LogLine]) -> list[LogLine]:
    return [line for line in lines if line.speaker == sign.subject or belongs(line.speaker, [name])]


def _last_words(lines: Sequence[LogLine]) -> list[LogLine]:
    """The last line that names an error, with the detail said right after it; else the last complaint."""
    named = [n for n, line in enumerate(lines) if _NAMES_IT.search(line.message)]
    named = named or [n for n, line in enumerate(lines) if line.is_bad]
    if not named:
        return []
    after = [line for line in lines[named[-1] + 1 : named[-1] + 3] if _DETAIL.match(line.message)]
    return [lines[named[-1]], *after[:1]]
