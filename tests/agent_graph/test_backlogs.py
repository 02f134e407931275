"""Work that comes at once and is being done is no incident; work that piles up is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.draining import draining
from agent_graph.sources.changes import evidence_of as changes_of
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import evidence_of as metrics_of
from agent_graph.sources.series import Series
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import NOW, alert, case, container, logs

START = NOW - timedelta(hours=1)
SHRINKS = [20.0] * 40 + [90_000 - 3_500 * n for n in range(20)]
GROWS = [20.0] * 40 + [4_000.0 * n for n in range(1, 21)]
STANDS = [20.0] * 40 + [90_000 - 3_500 * n for n in range(10)] + [55_000.0] * 10
SLOWLY = [20.0] * 40 + [900_000.0 - 600 * n for n in range(20)]


def _measured(values: Sequence[float], every: float = 60, **labels: str) -> Series:
    first = NOW.timestamp() - every * (len(values) - 1)
    return Series(labels, [(first + every * n, float(value)) for n, value in enumerate(values)])


def _verdict(*series: Series, said: Sequence[str] = ("INFO done",) * 4):
    told = case(alerts=[alert()], started_at=NOW - timedelta(minutes=19))
    found = metrics_of(told, measures_of(told, list(series)), START, NOW)
    labelled = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=10)]
    return analyse(told, [container(Running=True, health="healthy"), logs(*said), *labelled, _job()])


def _job() -> Evidence:
    at = (NOW - timedelta(minutes=21)).isoformat()
    rows = [{"ts": at, "kind": "job", "target": "ledger/closing-run", "summary": "monthly closing, 90,000 statements"}]
    return changes_of(case(), rows, "changes")[0].model_copy(update={"label": "E5"})


@pytest.mark.parametrize(
    "called", ["kafka_consumergroup_lag", "rabbitmq_queue_messages_ready", "celery_queue_length", "bullmq_jobs_waiting"]
)
def test_a_backlog_that_shrinks_is_work_being_done_and_who_brought_it_is_said(called: str):
    found = _verdict(_measured(SHRINKS, __name__=called))
    assert found.verdict == "not_an_incident"
    assert "shrinks" in found.root_cause
    assert "closing-run" in found.root_cause


def test_a_queue_that_only_a_label_names_is_a_backlog_and_its_pace_is_told_once():
    found = _verdict(_measured(SHRINKS, __name__="mta_messages_bytes_count", queue="deferred"))
    assert found.verdict == "not_an_incident"
    assert found.root_cause.count("Who brought it") == 1


# What is in hand beside a backlog that shrinks: how many, of which queue; is it part of the work
IN_HAND: dict[str, tuple[float, str, bool]] = {
    "a few of them": (900, "mail", True),
    "a good part of them": (30_000, "mail", False),
    "of another queue": (900, "orders", False),
}


@pytest.mark.parametrize("name", IN_HAND)
def test_what_is_in_hand_of_a_backlog_is_no_other_trouble(name: str):
    most, queue, well = IN_HAND[name]
    waits = _measured(SHRINKS, __name__="rabbitmq_queue_messages_ready", queue="mail")
    taken = _measured([0.0] * 40 + [most] * 20, __name__="rabbitmq_queue_messages_unacked", queue=queue)
    assert (_verdict(waits, taken).verdict == "not_an_incident") == well


BEAN = "org:apache:cassandra:metrics:compaction:pendingtasks:value"


@pytest.mark.parametrize(
    ("took", "called", "well"),
    [
        ("3 hours 11 minutes 4 seconds", BEAN, True),
        ("41 minutes 4 seconds", BEAN, False),
        ("3 hours 11 minutes 4 seconds", "org:apache:cassandra:metrics:cache:size:value", False),
    ],
)
def test_what_is_left_of_registered_work_since_it_ended_is_worked_off(took: str, called: str, well: bool):
    """As long ago as it took, it was registered; what grew as long as it lasted falls since."""
    values = [30.0 + 4.5 * n for n in range(36)] + [191.0 - 1.4 * n for n in range(60)]
    bean = Metric("E5", "other", f'cassandra_stats{{name="{called}"}}: 30 → 108', _points(values), None, None)
    ended = NOW - timedelta(minutes=29)
    line = LogLine("E2", "repair", f"[Repair#88:1] Repair command #88 finished in {took}", "info", ended, 1)
    at = ended - timedelta(hours=3, minutes=11)
    job = LogLine("E7", "full repair", "job web: weekly full repair started (schedule)", None, at, 1)
    facts = Facts(case(alerts=[alert()]), metrics=[bean], usual=[line], changes=[replace(job, text=job.message)])
    assert (draining(facts, []) is not None) is well


def _points(values: Sequence[float]) -> list[tuple[float, float]]:
    first = NOW.timestamp() - 30 * (len(values) - 1)
    return [(first + 30 * n, value) for n, value in enumerate(values)]


@pytest.mark.parametrize("values", [GROWS, STANDS, SLOWLY])
def test_a_backlog_that_grows_or_stands_or_lasts_is_not_explained_away(values: list[float]):
    assert _verdict(_measured(values, __name__="kafka_consumergroup_lag")).verdict != "not_an_incident"


def test_a_backlog_that_shrinks_because_its_work_fails_is_an_incident():
    said = [f"{NOW - timedelta(minutes=9 - n):%Y-%m-%dT%H:%M:%SZ} ERROR message {n} was discarded" for n in range(9)]
    assert _verdict(_measured(SHRINKS, __name__="kafka_consumergroup_lag"), said=said).verdict != "not_an_incident"


@pytest.mark.parametrize(("days", "usual"), [([True] * 4, True), ([True, False, True, True], False)])
def test_what_happens_at_this_hour_every_day_and_passes_is_usual(days: list[bool], usual: bool):
    """The long memory of a series tells of the days before: as high each time, or not."""
    now = [20.0] * 45 + [9_000.0] * 15
    quarter, past = 900.0, list[float]()
    for high in days:
        past += [20.0] * 94 + ([9_000.0, 9_100.0] if high else [20.0, 20.0])
    long = Series({"__name__": "jobs_waiting_queue", "step": "15m"}, [])
    first = NOW.timestamp() - 300 - 86_400 * len(days) - 94 * quarter
    long = Series(long.labels, [(first + quarter * n, value) for n, value in enumerate(past)])
    found = _verdict(_measured(now, __name__="jobs_waiting_queue"), long)
    assert ("every day" in found.root_cause) is usual


@pytest.mark.parametrize(
    ("called", "well"),
    [
        ("queue_ack_rate:1m", True),
        ("queue_messages_acked_total", True),
        ("queue_messages_returned_total", False),
        ("mail_delivery_failures:rate", False),
        ("mail_delivery_failed_total", False),
        ("webhook_delivery_errors_total", False),
        ('deliveries:delivered:rate{result="rejected"', False),
    ],
)
def test_that_work_is_done_faster_since_there_is_more_of_it_is_no_trouble(called: str, well: bool):
    values = [0.0] * 40 + [80.0] * 20
    pace = Metric("E5", "queue", f"{called}{{}}: 0 → 80", list(enumerate(values)), None, NOW)
    at = [(NOW.timestamp() - 60 * (60 - n), value) for n, value in enumerate(SHRINKS)]
    backlog = Metric("E6", "queue", "messages_ready{}: 20 → 23500", at, None, NOW)
    signs = [
        Sign("E5", "prometheus", "trouble", "strong", metric.line, "", NOW, "well above what it was")
        for metric in (pace, backlog)
    ]
    ready = Sign("E3", "kubernetes", "healthy", "strong", "pod mq-0: 1/1", "mq-0", None, "ready")
    facts = Facts(case(alerts=[alert()]), metrics=[pace, backlog], signs=[*signs, ready])
    assert (draining(facts, ()) is not None) == well


@pytest.mark.parametrize(
    ("called", "last", "well"),
    [
        ('sent_messages_processed_total:rate{status="sent"', 80.0, True),
        ('sent_messages_processed_total:rate{status="bounced"', 80.0, False),
        ('sent_messages_processed_total:rate{status="sent"', 0.0, False),
        ('open_connections{status="sent"', 80.0, False),
    ],
)
def test_a_backlog_needs_no_other_good_news_where_its_work_is_measured_to_be_done_faster(
    called: str, last: float, well: bool
):
    pace = Metric("E5", "other", f"{called}}}: 1 → {last:g}", list(enumerate([1.0] * 40 + [last] * 20)), None, NOW)
    at = [(NOW.timestamp() - 60 * (60 - n), value) for n, value in enumerate(SHRINKS)]
    backlog = Metric("E6", "queue", "mail_queue_length{}: 20 → 23500", at, None, NOW)
    assert (draining(Facts(case(alerts=[alert()]), metrics=[pace, backlog]), ()) is not None) == well


def test_parts_that_wait_to_be_merged_are_a_backlog_and_who_began_to_bring_them_long_before_the_peak_is_said():
    brought = [44.0] * 20 + [44.0 + 20 * n for n in range(1, 31)]
    values = [*brought, *(640.0 - 32 * n for n in range(1, 16))]
    rose = Metric(
        "E5",
        "other",
        "MaxPartCountForPartition{}: 44 → 160",
        [(NOW.timestamp() - 60 * (len(values) - 1 - n), value) for n, value in enumerate(values)],
        None,
        None,
    )
    begun = NOW - timedelta(minutes=46)
    said = LogLine("E4", "batch loader: daily load", "batch loader: daily load", None, begun, 1)
    good = Sign("E3", "docker", "healthy", "strong", "health: healthy", "ch", None, "healthy")
    facts = replace(Facts(case(alerts=[alert()])), metrics=[rose], changes=[said], signs=[good])
    found = draining(facts, [])
    assert found is not None
    assert "daily load" in found.statement
    grows = replace(rose, points=rose.points[:50])
    assert draining(replace(facts, metrics=[grows]), []) is None
