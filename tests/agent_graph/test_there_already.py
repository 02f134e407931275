"""What is refused for being there already harms nobody where as many more are answered well, and none is failed."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.there_already import there_already
from agent_graph.logs.levels import level_of
from tests.agent_graph.cases import BEGAN, NOW, alert, case

TURNED = BEGAN - timedelta(minutes=8)
TWICE = 'ERROR duplicate key value violates unique constraint "deliveries_event_id_key"'
FULL = "ERROR could not extend file: No space left on device"


def _course(role: str, line: str, before: float, since: float, minutes: float = 0) -> Metric:
    turned = TURNED + timedelta(minutes=minutes)
    points = [
        (NOW.timestamp() - 60 * n, since if NOW - timedelta(minutes=n) >= turned else before) for n in range(60, -1, -1)
    ]
    return Metric("E5", role, f"{line}: {before:g} → {since:g}", points, None, turned if before != since else None)


COUNTED = _course("errors", 'log_messages_error:rate1m{severity="ERROR"}', 0.6, 99.0)
ANSWERED = _course("other", 'http_requests:rate1m{code="200"}', 0.6, 95.0)
FAILED = _course("few_errors", 'http_requests:rate1m{code="500"}', 0.0, 0.0)
LATE = _course("latency", "http_request_seconds:p95{}", 0.01, 0.01)


def _facts(*metrics: Metric, said: str = TWICE, besides: str = "", served: bool = True) -> Facts:
    texts = [*([said] * 9), *([besides] * (3 if besides else 0))]
    lines = [
        LogLine("E2", f"{text} {n}", text, "error", BEGAN + timedelta(seconds=20 * n), 1)
        for n, text in enumerate(texts)
    ]
    signs = [Sign("E5", "prometheus", "trouble", "strong", COUNTED.line, "web", BEGAN, "too much")]
    signs += [Sign("E5", "prometheus", "healthy", "strong", LATE.line, "web", None, "as before")] if served else []
    return Facts(case(alerts=[alert(name="ErrorLogRate")]), lines=lines, metrics=[COUNTED, *metrics, LATE], signs=signs)


CASES: dict[str, tuple[Facts, bool]] = {
    "as many more are answered well": (_facts(ANSWERED, FAILED), True),
    "far fewer are answered": (_facts(_course("other", 'http_requests{code="200"}', 0.6, 20.0), FAILED), False),
    "as many more are refused": (_facts(_course("other", 'http_requests{code="409"}', 0.6, 95.0), FAILED), False),
    "more were answered long before": (
        _facts(_course("other", 'http_requests{code="200"}', 0.6, 95.0, minutes=-20), FAILED),
        False,
    ),
    "some are failed": (
        _facts(ANSWERED, _course("errors", 'http_requests:rate1m{code="500"}', 0.0, 9.0)),
        False,
    ),
    "nobody measures who is failed": (_facts(ANSWERED), False),
    "nothing else says that users are served": (_facts(ANSWERED, FAILED, served=False), False),
    "it is refused for want of room": (_facts(ANSWERED, FAILED, said=FULL), False),
    "some are refused for want of room": (_facts(ANSWERED, FAILED, besides=FULL), False),
}


@pytest.mark.parametrize("name", CASES)
def test_what_comes_twice_and_is_taken_once_is_no_incident(name: str):
    facts, well = CASES[name]
    assert (there_already(facts, []) is not None) is well


def test_what_is_likely_besides_is_not_explained_by_it():
    assert there_already(_facts(ANSWERED, FAILED), ["connection_exhaustion"]) is None


@pytest.mark.parametrize(
    ("severity", "level"), [("ERROR", "error"), ("LOG", "info"), ("FATAL", "fatal"), ("WARNING", "warning")]
)
def test_a_record_has_the_level_of_its_writer_and_not_of_who_passes_it_on(severity: str, level: str):
    record = f'"record":{{"error_severity":"{severity}","message":"as it came"}}'
    assert level_of(f'{{"level":"info","logger":"postgres","msg":"record",{record}}}') == level
