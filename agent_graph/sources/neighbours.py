"""Asks Prometheus what changed around the target: few questions at once, few neighbours where there are very many."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from agent_graph.sources import elsewhere
from agent_graph.sources.asking import Trouble, attempt, window
from agent_graph.sources.courses import WAITED
from agent_graph.sources.metric_evidence import NAME
from agent_graph.sources.ranges import Prometheus, Window
from agent_graph.sources.series import MOST_PARSED, Series
from agent_graph.sources.surroundings import Around, surroundings
from backend.investigation.kinds import CaseFile, Evidence

# What began as long before the victim's alert as an alert may wait must still differ from what was usual before.
_BEFORE, _POINTS = WAITED + timedelta(minutes=5), 120
# A shorter step than most exporters are read at makes bursts of what grows steadily.
STEP_SECONDS = 60
# More series than `_MANY` are narrowed to the neighbours that moved most; more than `_TOO_MANY` are not compared.
# What the target needs is not narrowed: all of it is compared, or none.
_MANY, _TOO_MANY = 500, 20_000
_LONGEST = timedelta(hours=6)


@dataclass(frozen=True)
class _Answer:
    """Series of neighbours, what asked for them, and how many there would have been where they are too many."""

    series: list[Series]
    asked: Around
    many: int = 0


async def look_around(case: CaseFile, server: Prometheus) -> list[Evidence]:
    """What changed around the target, and once why something could not be asked."""
    start, end = window(case, _BEFORE)
    at = Window(start, end, _POINTS, STEP_SECONDS)
    asked = surroundings(case)
    answers: dict[int, _Answer] = {}

    def blank(around: Around) -> Evidence:
        title, query = "Metrics of what is around the target", around.expr()
        return Evidence(source=NAME, kind="metric", title=title, query=query, window_start=start, window_end=end)

    async def read(place: int, around: Around) -> Evidence:
        answers[place] = await _answer(case, server, around, at)
        return blank(around)

    tried = await asyncio.gather(
        *(attempt(blank(around), read(place, around), server.seconds) for place, around in enumerate(asked))
    )
    given = [answers[place] for place in sorted(answers)]
    found = await asyncio.to_thread(_judged, case, given, at)
    return [*found, *[one for one in tried if one.error][:1]]


async def _answer(case: CaseFile, server: Prometheus, around: Around, at: Window) -> _Answer:
    """Counted · narrowed where they are too many · read."""
    many = await server.count(around.expr(), at)
    if many > (_TOO_MANY if around.key else MOST_PARSED):
        what = "around the target" if around.key else "of what the target needs"
        raise Trouble(f"has {many:,} series {what}, too many to compare")
    if many <= _MANY or not around.key:
        many = 0
    else:
        recent = min(max(case.now - case.started_at, timedelta(0)) + WAITED, _LONGEST)
        moved = await server.instant(around.moved(round(recent.total_seconds())), at.end)
        if not moved:
            raise Trouble(f"has {many:,} series around the target, and does not tell which of them moved")
        few = around.only(moved)
        if few is None:
            return _Answer([], around, many)
        around = few
    series = await server.range(around.expr(), at)
    if series is None:
        raise Trouble("has more series around the target than can be read")
    return _Answer([around.labelled(one) for one in series], around, many)


def _judged(case: CaseFile, answers: list[_Answer], at: Window) -> list[Evidence]:
    series: dict[tuple[tuple[str, str], ...], Series] = {}
    queries: dict[str, str] = {}
    for answer in answers:
        for one in answer.series:
            series.setdefault(tuple(sorted(one.labels.items())), one)
            name = one.labels.get("__name__", "value")
            queries.setdefault(name, answer.asked.expr(name))
    others = elsewhere.foreign(case, [one for _, one in sorted(series.items())])
    return [
        one.model_copy(update=_told(one, [answer.many for answer in answers if answer.many]))
        for one in elsewhere.evidence_of(case, others, at.start, at.end, queries)
    ]


def _told(found: Evidence, many: list[int]) -> Mapping[str, object]:
    """That most were left out, where they were."""
    if not many:
        return {}
    said = f"There are {sum(many):,} series around the target: only the neighbours that moved most were compared."
    return {"content": f"{found.content}\n{said}", "truncated": True}
