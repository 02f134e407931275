"""Are the numbers, times and names in a sentence of the model in the evidence? What is not there is named.

Numbers: as they stand in the evidence, or within 2 % (or half of the last digit given) of a measured value or of an
amount in the text, both of the same kind, in whatever unit (512 MiB, 0.5 GiB; 97 %, 0.97). Times and dates: in the
window that was looked at, or in the text. Names: what looks like the name of an object, every quoted phrase and every
address; in what claims a cause, the evidence that it cites has to show them. Markup is never taken over.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from agent_graph.safety.named import is_said, names_in
from backend.action.kinds import CATALOGUE
from backend.investigation.kinds import CaseFile, Evidence

TOLERANCE = 0.02
# Clocks and collectors disagree by this much.
_SLACK = timedelta(minutes=2)
_MOST_VALUES = 50_000

_SCALE: dict[str, tuple[str, float]] = {
    **{u: ("bytes", 1) for u in ("b", "byte", "bytes")},
    **{u: ("bytes", 1e3) for u in ("kb", "k")},
    **{u: ("bytes", 1e6) for u in ("mb", "m")},
    **{u: ("bytes", 1e9) for u in ("gb", "g")},
    **{u: ("bytes", 1e12) for u in ("tb", "t")},
    **{u: ("bytes", 2**10) for u in ("kib", "ki")},
    **{u: ("bytes", 2**20) for u in ("mib", "mi")},
    **{u: ("bytes", 2**30) for u in ("gib", "gi")},
    **{u: ("bytes", 2**40) for u in ("tib", "ti")},
    **{u: ("ratio", 0.01) for u in ("%", "percent")},
    **{u: ("seconds", 1e-3) for u in ("ms", "millisecond", "milliseconds")},
    **{u: ("seconds", 1) for u in ("s", "sec", "second", "seconds")},
    **{u: ("seconds", 60) for u in ("min", "minute", "minutes")},
    **{u: ("seconds", 3600) for u in ("h", "hour", "hours")},
    **{u: ("seconds", 86400) for u in ("d", "day", "days")},
}
_UNIT = "|".join(sorted((re.escape(unit) for unit in _SCALE if unit != "%"), key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?<![\w.:/#@=+-])(\d{{1,3}}(?:,\d{{3}})+|\d{{1,15}})(\.\d{{1,9}})?(?:\s?(%)|\s?({_UNIT})(?![\w-]))?(?![\w:/@]|[.,-]\d|-\w)",
    re.IGNORECASE,
)
# Standing alone, or before a unit: what is part of an id, a date or a time is no number.
_ANY_NUMBER = re.compile(
    r"(?<![\w.-])(?<!\d[:/])(\d{1,3}(?:,\d{3})+(?:\.\d{1,9})?|\d{1,15}(?:\.\d{1,9})?)(?![\w-]*[\d-]|[.:/]\d)"
)
_MOMENT = re.compile(r"(?<![\w.:-])(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s?(Z|[+-]\d{2}:?\d{2})?")
_DATE = re.compile(r"(?<![\w.:/-])(\d{4}-\d{2}-\d{2})(?![\w:/-])")
_CLOCK = re.compile(r"(?<![\w.:-])([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(?![\w:])")
_QUOTED = re.compile(r"`([^`\n]{1,300})`|\"([^\"\n]{1,300})\"|“([^”\n]{1,300})”|(?<!\w)'([^'\n]{1,300})'(?!\w)")
_KIND = (
    "container|pod|deployment|statefulset|daemonset|replicaset|cronjob|job|node|service|table|index|database|schema|role"
    "|user|volume|image|namespace|host|secret|configmap|replica|process|pid|backend|relation|monitor|hook"
)
_NAMED = re.compile(rf"\b(?:{_KIND})s?\s+([A-Za-z0-9][\w./:@-]{{0,200}})", re.IGNORECASE)
_SPECIAL = re.compile(r"[\d_./:@-]")
# Prose is told as text; what would become a link, a picture or a script elsewhere has no place in it.
_MARKUP = re.compile(
    r"\]\([^)\n]{0,200}|<(?:a|img|script|iframe|svg|style|form|input|object|embed|link|meta|base|video|audio)\b[^>]{0,200}",
    re.IGNORECASE,
)
_LINK = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s)\]>\"'`]{1,500}|\bwww\.[^\s)\]>\"'`]{1,200}", re.IGNORECASE)
# Of the case what was reported; what was concluded or tried before is no evidence of now.
_REPORTED = ("title", "target", "alerts", "monitor", "changes", "needs")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"“(])")


@dataclass(frozen=True)
class Facts:
    """What sentences are compared with, worked out once per check. `case`: what it is about, as it was reported.

    `seen`: what each piece of evidence says of the present, by label; memories of other incidents are not among it.
    """

    text: str
    case: str
    seen: Mapping[str, str]
    numbers: frozenset[str]
    amounts: tuple[tuple[str, float], ...]
    values: tuple[tuple[str, float], ...]
    start: datetime
    end: datetime


def facts_of(case: CaseFile, evidence: Iterable[Evidence]) -> Facts:
    """Everything that was given to the model, and the times it may speak of."""
    known = list(evidence)
    given = case.model_dump(mode="json", exclude={"secret_patterns", "hint"})
    text = "\n".join([_flat(given), *(_of(found) for found in known), *CATALOGUE]).lower()
    starts = [found.window_start for found in known if found.window_start]
    ends = [found.window_end for found in known if found.window_end]
    amounts = [amount for match in _NUMBER.finditer(text) if (amount := _amount(match)) is not None]
    return Facts(
        text=" ".join(text.split()),
        case=_line(_flat({name: given[name] for name in _REPORTED})),
        seen={found.label: _line(_of(found)) for found in known if found.kind != "memory"},
        numbers=frozenset(_plain(number) for number in _ANY_NUMBER.findall(text)),
        amounts=tuple(dict.fromkeys(amounts))[:_MOST_VALUES],
        values=tuple(dict.fromkeys(_measured(known)))[:_MOST_VALUES],
        start=min([*starts, case.started_at]) - _SLACK,
        end=max([*ends, case.now]) + _SLACK,
    )


def sentences(text: str) -> list[str]:
    """A text in its sentences."""
    return [part for part in _SENTENCE.split(text) if part.strip()]


def unsupported(sentence: str, facts: Facts, cited: Collection[str] | None = None) -> str | None:
    """The first detail that is nowhere in the evidence, or None. `cited`: labels of what alone may show its names."""
    if found := marked_up(sentence, facts):
        return found
    rest = sentence
    for pattern, wrong in (
        (_MOMENT, _wrong_moment),
        (_DATE, _wrong_date),
        (_CLOCK, _wrong_clock),
        (_QUOTED, _wrong_quote),
        (_NAMED, _wrong_name),
    ):
        for match in pattern.finditer(rest):
            if wrong(match, facts):
                return match[0]
        if pattern is not _NAMED:
            rest = pattern.sub(" ", rest)
    shown = facts.text if cited is None else "\n".join([facts.case, *(facts.seen.get(label, "") for label in cited)])
    if unknown := next((name for name in names_in(_LINK.sub(" ", rest)) if not is_said(name, shown)), None):
        return unknown
    return next((match[0] for match in _NUMBER.finditer(rest) if _wrong_number(match, facts)), None)


def marked_up(sentence: str, facts: Facts) -> str | None:
    """The first markup, or address that is nowhere in the evidence, or None: what would lead a reader elsewhere."""
    if markup := _MARKUP.search(sentence):
        return markup[0]
    links = (link[0] for link in _LINK.finditer(sentence))
    return next((link for link in links if link.lower().rstrip(".,;:!?/") not in facts.text), None)


def _wrong_moment(match: re.Match[str], facts: Facts) -> bool:
    zone = (match[3] or "+00:00").replace("Z", "+00:00")
    try:
        at = datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}")
    except ValueError:
        return True
    return not (facts.start <= at <= facts.end or f"{match[1]}t{match[2]}" in facts.text.replace(" ", "t"))


def _wrong_date(match: re.Match[str], facts: Facts) -> bool:
    first, last = (at.astimezone(UTC).date().isoformat() for at in (facts.start, facts.end))
    return not (first <= match[1] <= last or match[1] in facts.text)


def _wrong_clock(match: re.Match[str], facts: Facts) -> bool:
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    day = facts.start.astimezone(UTC).replace(hour=hour, minute=minute, second=second, microsecond=0)
    last = day + timedelta(days=(facts.end - facts.start).days + 1)
    while day <= last:
        if facts.start <= day <= facts.end:
            return False
        day += timedelta(days=1)
    return match[0].lower() not in facts.text


def _wrong_quote(match: re.Match[str], facts: Facts) -> bool:
    phrase = " ".join(next(group for group in match.groups() if group is not None).lower().split()).strip(" .,;:!?…")
    return bool(phrase) and phrase not in facts.text


def _wrong_name(match: re.Match[str], facts: Facts) -> bool:
    """A plain word after "pod" may be any word ("the pod restarted"); with a digit, a dash or a dot it is a name."""
    name = match[1].rstrip(".,;:-/")
    return bool(_SPECIAL.search(name)) and not _mentioned(name.lower(), facts)


def _mentioned(name: str, facts: Facts) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", facts.text) is not None


def _wrong_number(match: re.Match[str], facts: Facts) -> bool:
    digits = match[1].replace(",", "") + (match[2] or "")
    if _plain(digits) in facts.numbers:
        return False
    value, places = float(digits), len(match[2] or ".") - 1
    unit = (match[3] or match[4] or "").lower()
    scale = _SCALE.get(unit, ("", 1.0))[1]
    room = max(TOLERANCE * value, 0.5 * 10**-places) * scale
    wanted = value * scale
    return not any(abs(have - wanted) <= room for have in _comparable(unit, facts))


def _comparable(unit: str, facts: Facts) -> Iterator[float]:
    """Of the same kind, or of a series that does not say its own: which may say 97 for 97 % and 12 for 12 ms."""
    kind = _SCALE.get(unit, ("", 1.0))[0]
    for of, value in facts.values:
        if not kind or of in ("", kind):
            yield value
        if of == "" and kind in ("ratio", "seconds"):
            yield value / (100 if kind == "ratio" else 1000)
    yield from (value for of, value in facts.amounts if of == kind)


def _amount(match: re.Match[str]) -> tuple[str, float] | None:
    unit = (match[3] or match[4] or "").lower()
    if unit not in _SCALE:
        return None
    kind, scale = _SCALE[unit]
    return kind, float(match[1].replace(",", "") + (match[2] or "")) * scale


def _measured(evidence: Sequence[Evidence]) -> Iterator[tuple[str, float]]:
    """Every value with the unit of its series; empty where that is not known."""
    for found in evidence:
        unit = str(found.data.get("unit") or "")
        for series in found.data.get("series", []):
            yield from ((unit, float(value)) for _, value in series.get("points", []) if value is not None)
        limit = found.data.get("limit")
        if isinstance(limit, int | float):
            yield unit, float(limit)


def _plain(number: str) -> str:
    number = number.replace(",", "")
    whole, _, part = number.partition(".")
    part = part.rstrip("0")
    return f"{int(whole)}.{part}" if part else str(int(whole))


def _line(text: str) -> str:
    return " ".join(text.lower().split())


def _of(found: Evidence) -> str:
    window = [at.isoformat() for at in (found.window_start, found.window_end) if at]
    return "\n".join([found.label, found.source, found.title, found.summary, found.content, *found.inventory, *window])


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key} {_flat(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "\n".join(_flat(item) for item in value)
    return "" if value is None else str(value)
