"""Two changes at one time, and only the time speaks for either: what other cases were like does not tell which."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.changes import evidence_of as changes_of
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import evidence_of
from agent_graph.sources.series import Series
from tests.agent_graph.cases import BEGAN, NOW, alert, case

FIRST, CHANGED = BEGAN - timedelta(minutes=60), BEGAN - timedelta(minutes=5)
BUILT = {"ts": CHANGED.isoformat(), "kind": "deploy", "target": "web", "summary": "web build 5521 -> 5534"}
MOVED = {
    "ts": (CHANGED + timedelta(seconds=30)).isoformat(),
    "kind": "platform",
    "target": "db-web",
    "summary": "managed database: update applied, failover 4 s",
}
OTHER = {**MOVED, "target": "wiki", "summary": "css and translations"}


@pytest.mark.parametrize(
    ("changes", "open_on_purpose"),
    [([BUILT, MOVED], True), ([BUILT, OTHER], False), ([BUILT, {**MOVED, "ts": FIRST.isoformat()}], False)],
)
def test_what_was_changed_together_stays_open_together(changes: list[dict[str, str]], open_on_purpose: bool):
    about = case("web", alerts=[alert(name="ErrorRatioHigh", annotations={"summary": "6 % answered with 500"})])
    moments = [FIRST + timedelta(minutes=minute) for minute in range(71)]
    counted, points = 0.0, list[tuple[float, float]]()
    for at in moments:
        counted += 300.0 if at > CHANGED else 0.0
        points.append((at.timestamp(), counted))
    failed = Series({"__name__": "http_requests_total", "service": "web", "code": "500"}, points)
    measured = evidence_of(about, measures_of(about, [failed]), FIRST, NOW)
    found = [*changes_of(about, changes, ""), *measured]
    draft = analyse(about, [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)])
    left_open = draft.verdict == "inconclusive" and not draft.unsettled
    assert left_open == open_on_purpose
