"""How much was seen of a case, and what is missing, as traits; what a log's writers may add to speaks for trouble."""

from dataclasses import replace
from datetime import timedelta

from agent_graph.analysts.rules.experience.extent import extent, loudness
from agent_graph.analysts.rules.experience.traits import OF_EXTENT, OF_LINES, tells_of_kind, traits
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.evaluation.learn import Known, learn
from tests.agent_graph.cases import BEGAN, NOW, alert, case


def _metric(*values: float, since: float = -30, step: float = 1) -> Metric:
    start = BEGAN.timestamp() + 60 * since
    points = [(start + 60 * step * n, value) for n, value in enumerate(values)]
    return Metric("E2", "latency", "latency: up", points, None, BEGAN)


def test_what_is_missing_is_a_trait():
    found = set(extent(case(), Facts(case())))
    assert {"no lines", "no measurements", "no containers", "no monitor", "no signs of docker", "no errors"} <= found
    sign = Sign("E2", "docker", "healthy", "strong", "running", "web", None, "it runs")
    line = LogLine("E1", "ERROR gone", "ERROR gone", "error", BEGAN, 40)
    seen = set(extent(case(), replace(Facts(case()), lines=[line], signs=[sign], metrics=[_metric(1, 2)])))
    assert not {"no lines", "no measurements", "no signs of docker", "no errors"} & seen


def test_how_measurements_lie_about_the_alert():
    def lie(metric: Metric) -> set[str]:
        return {t for t in extent(case(), replace(Facts(case()), metrics=[metric])) if not t.startswith("no ")}

    assert lie(_metric(*[0.1] * 10)) == {"measured until before", "latency went back"}
    assert lie(_metric(*[0.1] * 8, since=2)) == {"measured only after", "latency went back"}
    assert lie(_metric(*[0.1] * 30, *[0.9] * 10)) == {"latency went up"}
    assert lie(_metric(*[0.9] * 30, *[0.1] * 10)) == {"latency went down"}
    gap = _metric(*[0.1] * 30, *[0.9] * 10)
    assert "measured with gaps" in lie(replace(gap, points=[*gap.points[:10], *gap.points[22:]]))
    assert lie(replace(gap, points=[])) == set()


def test_a_log_that_fell_silent_and_one_that_begins_late():
    late = replace(Facts(case()), heard_since=BEGAN + timedelta(minutes=1), heard_until=NOW - timedelta(minutes=11))
    assert {"silent", "log begins late"} <= set(extent(case(), late))
    whole = replace(Facts(case()), heard_since=BEGAN - timedelta(minutes=1), heard_until=NOW)
    assert not {"silent", "log begins late"} & set(extent(case(), whole))
    assert {"heard", "log begins before"} <= set(loudness(case(), whole))


def test_what_a_log_s_writers_may_add_to_is_marked_as_theirs_and_nothing_else_tells_of_a_kind():
    lines = [LogLine("E1", "ERROR gone", "ERROR gone", "error", BEGAN, count) for count in (1, 14)]
    found = traits(case(alerts=[alert()]), replace(Facts(case()), lines=lines))
    assert f"{OF_LINES}{OF_EXTENT}errors 2" in found
    assert f"{OF_LINES}{OF_EXTENT}lines 2" in found
    assert not [t for t in found if t.startswith(OF_EXTENT) and "errors" in t]

    ill = [Known(str(n), ["means killed", "seen no lines", "line seen errors 2"], "incident", "oom") for n in range(4)]
    well = [Known(f"w{n}", ["means steady", "seen no errors"], "not_an_incident", "") for n in range(4)]
    slow = [Known(f"s{n}", ["means slow", "seen no lines"], "incident", "slow_query") for n in range(4)]
    model = learn([*ill, *well, *slow])
    assert "seen no errors" in model["verdicts"]["features"]
    assert not [trait for trait in model["categories"]["features"] if not tells_of_kind(trait)]
