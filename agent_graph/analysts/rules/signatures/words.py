"""What signatures have in common that rest on words in logs; the platform's signs are joined by their category."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, said_of, trouble_signals
from backend.investigation.kinds import Category


def match_words(
    facts: Facts,
    category: Category,
    words: re.Pattern[str],
    what: str,
    disproof: str,
    *,
    any_level: bool = False,
    telling: re.Pattern[str] | None = None,
) -> Finding | None:
    """A finding when lines of the target say so; strong when its state shows trouble, too. `telling`: said first."""
    lines = facts.matching(words, any_level=any_level)
    if telling is not None:
        lines.sort(key=lambda line: telling.search(line.text) is None)
    return finding_of(facts, category, lines, what, disproof, words)


def finding_of(
    facts: Facts,
    category: Category,
    lines: Sequence[LogLine],
    what: str,
    disproof: str,
    words: re.Pattern[str] | None = None,
) -> Finding | None:
    """What the lines say, the first before the others; strong when the target's state shows trouble, too."""
    if not lines:
        return None
    signals = trouble_signals(facts)
    return Finding(
        category=category,
        statement=f"{name(facts)} {what}: {said_of(lines[0], words) if words else said(lines[0])}.",
        supporting=[*log_citations(lines), *signals[:3]],
        strength="strong" if signals else "weak",
        onset=first_at(lines),
        disproof=disproof,
    )
