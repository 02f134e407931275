"""What was renamed is well as long as it goes on by its new name, and not when the new name has trouble of its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.renamed import renamed
from tests.agent_graph.cases import BEGAN, NOW, alert, case

GOOD = Sign("E3", "prometheus", "healthy", "strong", "gateway_requests: 9 → 9", "web", None, "as before")
RENAMED_AT = BEGAN - timedelta(minutes=8)


def _change(text: str, hours: float = 26) -> LogLine:
    return LogLine("E7", text, text, None, NOW - timedelta(hours=hours), 1)


def _moment(job: str, *hours_ago: float, called: str = "backup_last_success_timestamp_seconds") -> Metric:
    now = NOW.timestamp()
    points = [(now - 60 * (len(hours_ago) - n - 1), now - 3600 * ago) for n, ago in enumerate(hours_ago)]
    return Metric("E5", "other", f'{called}{{job="{job}"}}: 1 → 1', points, None, None)


def _facts(change: LogLine, *metrics: Metric, **labels: str) -> Facts:
    told = alert(name="BackupTooOld", labels={"alertname": "BackupTooOld", "severity": "critical", **labels})
    return Facts(case(alerts=[told]), metrics=list(metrics), changes=[change])


OLD, NEW = _moment("nightly_paperwork", 27, 27, 27), _moment("nightly_documents", 25, 0.7, 0.7)
FAILED = Metric("E5", "other", 'backup_exit_code{job="nightly_documents"}: 3 → 3', [(1.0, 0.0), (2.0, 3.0)], None, None)
MOVED = _change('config runner: profile "paperwork" renamed to "documents"')
ASKED = {"exported_job": "nightly_paperwork"}
BY_VALUE: dict[str, tuple[Facts, bool]] = {
    "the work goes on by the new name": (_facts(MOVED, OLD, NEW, **ASKED), True),
    "told the other way round": (
        _facts(_change("config x: rename job paperwork -> documents"), OLD, NEW, **ASKED),
        True,
    ),
    "nothing was renamed": (_facts(_change("config runner: new profile documents"), OLD, NEW, **ASKED), False),
    "another thing was renamed": (_facts(_change("config x: rename photos -> pictures"), OLD, NEW, **ASKED), False),
    "the new one is as old": (_facts(MOVED, OLD, _moment("nightly_documents", 25, 25, 25), **ASKED), False),
    "nothing has the new name": (_facts(MOVED, OLD, **ASKED), False),
    "the new one fails": (_facts(MOVED, OLD, NEW, FAILED, **ASKED), False),
    "it is done by the old name, too": (_facts(MOVED, _moment("nightly_paperwork", 27, 1, 1), NEW, **ASKED), False),
    "the alert is about another": (_facts(MOVED, OLD, NEW, exported_job="nightly_mail"), False),
    "it was renamed after it": (_facts(replace(MOVED, at=NOW), OLD, NEW, **ASKED), False),
}


def _rate(label: str, outcome: str, pace: float, *, ends: bool) -> Metric:
    first, last = (BEGAN - timedelta(hours=1), RENAMED_AT) if ends else (RENAMED_AT, NOW)
    step = (last - first).total_seconds() / 10
    points = [(first.timestamp() + step * n, pace) for n in range(11)]
    return Metric("E5", "other", f'render_total{{job="web", {label}="{outcome}"}}: 1 → 1', points, None, None)


def _ratio(turned: timedelta) -> tuple[Metric, Sign]:
    line = "web:error_ratio5m{}: 0.001 → 1"
    points = [(BEGAN.timestamp() - 60, 0.001), (NOW.timestamp(), 1.0)]
    metric = Metric("E5", "errors", line, points, None, RENAMED_AT + turned)
    return metric, Sign("E5", "prometheus", "trouble", "strong", line, "web", BEGAN, "too much")


def _relabelled(
    ok: float | None = 12.0, error: float = 0.01, turned: int = 1, *, served: bool = True, expression: str = ""
) -> Facts:
    """An expression asks for a label's old name; by the new one as many come well and fail as before."""
    ratio, trouble = _ratio(timedelta(minutes=turned))
    asks = expression or '1 - rate(render_total{outcome="ok"}[5m]) / rate(render_total[5m]) > 0.05'
    told = alert(name="ErrorRatio", labels={"alertname": "ErrorRatio"}).model_copy(
        update={"annotations": {"expr": asks}}
    )
    before = [_rate("outcome", "ok", 12.0, ends=True), _rate("outcome", "error", 0.01, ends=True)]
    since = [_rate("result", "error", error, ends=False)]
    since += [] if ok is None else [_rate("result", "ok", ok, ends=False)]
    change = replace(_change("config monitoring: rename label outcome -> result for job web"), at=RENAMED_AT)
    return Facts(
        case(alerts=[told]),
        metrics=[*before, *since, ratio],
        changes=[change],
        signs=[trouble, *([GOOD] if served else [])],
    )


BY_EXPRESSION: dict[str, tuple[Callable[[], Facts], bool]] = {
    "as many come well and fail as before": (_relabelled, True),
    "more fail by the new name": (lambda: _relabelled(error=1.0), False),
    "fewer come well by the new name": (lambda: _relabelled(ok=5.0), False),
    "none comes well any more": (lambda: _relabelled(ok=None), False),
    "it turned long after": (lambda: _relabelled(turned=12), False),
    "nothing else says that users are served": (lambda: _relabelled(served=False), False),
    "the alert asks for something else": (lambda: _relabelled(expression="rate(render_total[5m]) < 1"), False),
}


@pytest.mark.parametrize("name", BY_VALUE)
def test_work_that_was_renamed_is_done_by_its_new_name(name: str):
    facts, well = BY_VALUE[name]
    assert (renamed(facts, []) is not None) is well


@pytest.mark.parametrize("name", BY_EXPRESSION)
def test_an_expression_that_asks_by_an_old_name_finds_trouble_that_is_none(name: str):
    make, well = BY_EXPRESSION[name]
    assert (renamed(make(), []) is not None) is well


def test_what_is_likely_besides_is_not_explained_by_a_name():
    assert renamed(_facts(MOVED, OLD, NEW, **ASKED), ["disk_pressure"]) is None
