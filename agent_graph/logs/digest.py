"""Chooses what to keep of a log: errors, rare lines, the first and last of each kind, the end. Word for word."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agent_graph.logs.levels import level_of
from agent_graph.logs.lines import time_of
from agent_graph.logs.requests import tally
from agent_graph.logs.rhythm import minute_of, spread
from agent_graph.logs.templates import template_of
from agent_graph.logs.traces import fold, shorten
from agent_graph.logs.words import ominous
from agent_graph.wording import counted, span

MAX_KEPT_BYTES = 60_000
_LONGEST_LINE = 2_000
_TAIL = 25
_TEMPLATES_SHOWN = 40
# What is kept of a log that says nothing in the window: its last words, or lines of a clock that is wrong.
_LAST_WORDS = 300
# Who asks for what is told by a sample of this many lines as well as by all.
_REQUESTS = 20_000
_WEIGHTS = {"fatal": 6.0, "error": 4.0, "warning": 2.0, "info": 0.0, "debug": -1.0, None: 0.5}


@dataclass
class Template:
    """One kind of line and where it occurs (entry numbers)."""

    text: str
    first: int
    last: int
    count: int = 0
    kept: list[int] = field(default_factory=list[int])
    minutes: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class Digest:
    """`content`: lines word for word in their order, gaps marked with ⋯. `data`: counts per template."""

    content: str
    lines: int
    kept: int
    first_at: datetime | None
    last_at: datetime | None
    data: dict[str, Any]

    @property
    def summary(self) -> str:
        """In a sentence."""
        if not self.lines:
            return "No log lines in this window."
        when = f", {span(self.first_at, self.last_at)}" if self.first_at and self.last_at else ""
        if self.data["stale"] and self.last_at:
            when = f", all written before the window, the last at {self.last_at:%Y-%m-%d %H:%M:%S} by its own clock"
        bad = self.data["errors"]
        errors = (f"{bad:,} of them " + ("an error" if bad == 1 else "errors")) if bad else "none of them errors"
        if self.lines == 1:
            errors = "an error" if bad else "no error"
        kinds = counted(len(self.data["templates"]), "kind of line", "kinds of line")
        return f"{counted(self.lines, 'line')}{when}, {errors}, {kinds} shown."


def digest(text: str, *, since: datetime | None = None) -> Digest:
    """Reads clean, redacted text. What comes before the first line of `since` or later is left out.

    When all of it does, its end is kept: a service that died an hour ago has said why, and clocks may be wrong.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    stale = False
    if since is not None:
        first = _first_since(lines, since)
        stale = 0 < first == len(lines)
        lines = lines[-_LAST_WORDS:] if stale else lines[first:]
    entries = fold(lines)
    templates = _count(lines, entries)
    chosen = _choose(lines, entries, templates)
    # Collectors deliver a little out of order: the first line need not be the earliest.
    times = [at for line in (*lines[:20], *lines[-20:]) if (at := time_of(line))]
    span = (min(times), max(times)) if times else None
    requests = tally(lines[:: 1 + len(lines) // _REQUESTS])
    return Digest(
        content=_render(lines, entries, chosen),
        lines=len(lines),
        kept=len(chosen),
        first_at=span[0] if span else None,
        last_at=span[1] if span else None,
        data={**_data(lines, entries, templates, span), "stale": stale, "requests": requests},
    )


def _first_since(lines: list[str], since: datetime) -> int:
    """Where the window begins, to the minute; a log is written in order. 0 when no line has a time."""
    minute, timed = "", False
    for number, line in enumerate(lines):
        # Neighbours share their minute: each is parsed once.
        if line[:16] == minute or line[:1] not in "[{0123456789":
            continue
        minute = line[:16]
        at = time_of(line)
        timed = timed or at is not None
        if at is not None and at.replace(second=0, microsecond=0) >= since.replace(second=0, microsecond=0):
            return number
    return len(lines) if timed else 0


def _count(lines: list[str], entries: list[tuple[int, int]]) -> dict[str, Template]:
    templates: dict[str, Template] = {}
    for number, (start, end) in enumerate(entries):
        key = template_of(lines[start])
        if end - start > 1:
            # A trace is told apart by its end, too: "Traceback …" starts them all.
            key = f"{key} ⏎ {template_of(lines[end - 1])}"
        seen = templates.get(key)
        if seen is None:
            seen = templates[key] = Template(key, number, number)
        seen.count += 1
        seen.last = number
        minute = minute_of(lines[start])
        seen.minutes[minute] = seen.minutes.get(minute, 0) + 1
        if seen.count <= 2:
            seen.kept.append(number)
    return templates


def _choose(lines: list[str], entries: list[tuple[int, int]], templates: dict[str, Template]) -> set[int]:
    """Entry numbers, best first until the budget is used up."""
    ranked: list[tuple[float, int]] = []
    for template in templates.values():
        start, end = entries[template.first]
        text = "\n".join(line[:_LONGEST_LINE] for line in lines[start : min(end, start + 40)])
        score = _score(text, end - start, template.count)
        occurrences = dict.fromkeys([*template.kept, template.last])
        ranked += [(score - place * 0.4, number) for place, number in enumerate(occurrences)]
    ranked += [(3.5, number) for number in range(max(0, len(entries) - _TAIL), len(entries))]
    ranked += [(1.5, number) for number in range(min(5, len(entries)))]
    ranked.sort(key=lambda item: (-item[0], item[1]))
    chosen: set[int] = set()
    left = MAX_KEPT_BYTES
    for _, number in ranked:
        if number in chosen:
            continue
        size = sum(len(line) + 1 for line in _shown(lines, entries[number]))
        if size <= left:
            chosen.add(number)
            left -= size
    return chosen


def _score(text: str, length: int, count: int) -> float:
    rarity = 1.5 if count == 1 else 1.0 if count <= 3 else 0.0
    return _WEIGHTS[level_of(text)] + (3.0 if ominous(text) else 0.0) + (2.0 if length > 2 else 0.0) + rarity


def _shown(lines: list[str], entry: tuple[int, int]) -> list[str]:
    return [
        line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + " ⋯" for line in shorten(lines[slice(*entry)])
    ]


def _render(lines: list[str], entries: list[tuple[int, int]], chosen: set[int]) -> str:
    out: list[str] = []
    expected = 0
    for number in sorted(chosen):
        start, end = entries[number]
        if start > expected:
            out.append(f"⋯ {start - expected:,} lines left out")
        out += _shown(lines, entries[number])
        expected = end
    if expected < len(lines):
        out.append(f"⋯ {len(lines) - expected:,} lines left out")
    return "\n".join(out)


def _data(
    lines: list[str],
    entries: list[tuple[int, int]],
    templates: dict[str, Template],
    span: tuple[datetime, datetime] | None,
) -> dict[str, Any]:
    levels = {key: level_of(lines[entries[t.first][0]]) for key, t in templates.items()}
    errors = sum(t.count for key, t in templates.items() if levels[key] in ("fatal", "error"))
    top = sorted(templates.values(), key=lambda t: (_WEIGHTS[levels[t.text]] < 2, -t.count))[:_TEMPLATES_SHOWN]
    return {
        "lines": len(lines),
        "errors": errors,
        "span": [_iso(at) for at in span] if span else None,
        "templates": [
            {
                "template": t.text[:200],
                "count": t.count,
                "level": levels[t.text],
                "first": _iso(time_of(lines[entries[t.first][0]])),
                "last": _iso(time_of(lines[entries[t.last][0]])),
                "spread": spread(t.minutes, *span) if span else [],
            }
            for t in top
        ],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
