"""What a conclusion tells of why: the work at hand when it was killed, who uses most, the limit that is hit."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.context.whys import with_whys
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.reading import read
from agent_graph.sources.ceilings import caps_of
from agent_graph.sources.docker.state import describe
from agent_graph.sources.kubernetes.ceilings import read_ceilings
from agent_graph.sources.kubernetes.state import evidence_of
from agent_graph.sources.signs import Book
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, case, container, logs


def _finding(category: Category, statement: str = "web is in trouble.") -> Finding:
    return Finding(category, statement, [], "strong")


def _said(finding: Finding, facts: Facts) -> str:
    told = with_whys(finding, facts)
    assert all(one.quote for one in told.supporting)
    return told.statement.removeprefix(finding.statement)


# name: what it logged before it was killed at 03:00:05, what is told of it (empty: nothing)
AT_WORK: dict[str, tuple[tuple[str, ...], str]] = {
    "a task taken up again after each start": (
        (
            "2026-11-21T02:45:10Z Task reports.year_end[4f1c2ab3-77] received",
            "2026-11-21T02:51:10Z Task mail.send[99aa11bb-02] received",
            "2026-11-21T02:51:12Z Task mail.send[99aa11bb-02] succeeded in 1.2s",
            "2026-11-21T02:59:10Z Task reports.year_end[4f1c2ab3-77] received",
        ),
        "begun 2 times, never done): Task reports.year_end",
    ),
    "one file": (
        (
            "2026-11-21T02:58:00Z INFO importing file=prices.csv rows=12",
            "2026-11-21T02:58:02Z INFO imported file=prices.csv",
            "2026-11-21T02:59:40Z INFO parsing file=orders_full.xml size=1.9 GB",
        ),
        "orders_full.xml",
    ),
    "a request": (
        (
            "2026-11-21T02:59:50Z INFO POST /pdf request_id=77ab12 rendering 1800 pages",
            "2026-11-21T02:59:51Z INFO GET / request_id=77ab13 accepted",
            "2026-11-21T02:59:52Z INFO GET / request_id=77ab13 completed in 3 ms",
        ),
        "request_id=77ab12",
    ),
    "what only a field of the line tells": (
        ('2026-11-21T02:59:50Z {"level":"info","msg":"rendering started","reqId":"r-8812","template":"annual"}',),
        '"template":"annual"',
    ),
    "among others of its kind": (
        (
            "2026-11-21T02:59:20Z [2026-11-21] INFO Task mail.send[aa0001bb-1] received",
            "2026-11-21T02:59:30Z [2026-11-21] INFO Task reports.board[c0ffee12-9] received",
            "2026-11-21T02:59:40Z [2026-11-21] INFO Task mail.send[aa0001bb-1] succeeded in 0.4s",
        ),
        "reports.board",
    ),
    "the server says which": (
        ("2026-11-21T03:00:04Z DETAIL: Failed process was running: SELECT array_agg(x) FROM big",),
        "SELECT array_agg(x)",
    ),
    "all of it was done": (
        (
            "2026-11-21T02:59:40Z INFO importing file=prices.csv",
            "2026-11-21T02:59:52Z INFO finished file=prices.csv",
        ),
        "",
    ),
    "only its own start": (("2026-11-21T02:59:40Z INFO starting server, config file=app.json",), ""),
    "long before": (("2026-11-21T01:10:00Z INFO importing file=prices.csv",), ""),
}


@pytest.mark.parametrize("name", AT_WORK)
def test_what_was_at_work_when_it_was_killed_is_told(name: str):
    lines, wanted = AT_WORK[name]
    found = read(case(), [container(OOMKilled=True, ExitCode=137), logs(*lines)])
    said = _said(_finding("oom"), found)
    assert (wanted in said) if wanted else not said


def _metric(line: str, first: float, last: float) -> Metric:
    points = [(BEGAN.timestamp() + 60.0 * n, first + (last - first) * n / 9) for n in range(10)]
    return Metric("E3", "other", f"{line}: {first:g} → {last:g}", points, None, None)


# name: what was found, the measured parts with their first and last values, who takes most (empty: nobody is named)
PARTS: dict[str, tuple[Category, tuple[tuple[str, float, float], ...], str]] = {
    "a directory": (
        "disk_pressure",
        (('dir_size_bytes{path="/srv/cache"}', 4e9, 4.1e9), ('dir_size_bytes{path="/srv/spool"}', 1e9, 9e10)),
        "/srv/spool",
    ),
    "a prefix of keys": (
        "memory_pressure",
        (
            ('redis_key_group_memory_usage_bytes{key_group="sess:*"}', 1e8, 1.1e8),
            ('redis_key_group_memory_usage_bytes{key_group="preview:*"}', 0, 2e9),
        ),
        "preview:*",
    ),
    "a client": (
        "connection_exhaustion",
        (
            ('pg_stat_activity_count{application_name="api"}', 20, 22),
            ('pg_stat_activity_count{application_name="etl"}', 2, 70),
        ),
        "etl",
    ),
    "who has most of it already": (
        "disk_pressure",
        (('log_size_bytes{name="packager"}', 8.3e10, 8.8e10), ('log_size_bytes{name="edge"}', 2e8, 2.1e8)),
        "packager",
    ),
    "ever more of one kind": (
        "memory_pressure",
        (
            ('group_memory_bytes{groupname="previews"}', 2e9, 7e9),
            ('group_memory_bytes{groupname="mariadbd"}', 7e8, 7e8),
            ('group_num_procs{groupname="previews"}', 4, 16),
        ),
        "previews",
    ),
    "process ids of a node": (
        "node_failure",
        (('container_processes{pod="render-1"}', 90, 9_000), ('container_processes{pod="api-1"}', 30, 31)),
        "",
    ),
    "all grow alike": (
        "disk_pressure",
        (('dir_size_bytes{path="/a"}', 1e9, 2e9), ('dir_size_bytes{path="/b"}', 1e9, 2e9)),
        "",
    ),
    "nothing grew": (
        "disk_pressure",
        (('dir_size_bytes{path="/a"}', 9e9, 9e9), ('dir_size_bytes{path="/b"}', 1, 1)),
        "",
    ),
    "answers are nobody": (
        "rate_limited",
        (('http_requests_total{code="429"}', 0, 90), ('http_requests_total{code="200"}', 5, 6)),
        "",
    ),
    "only one is measured": ("disk_pressure", (('dir_size_bytes{path="/a"}', 1e9, 9e9),), ""),
}


@pytest.mark.parametrize("name", PARTS)
def test_who_takes_most_of_what_is_used_up_is_told(name: str):
    category, parts, wanted = PARTS[name]
    facts = Facts(case=case(), metrics=[_metric(*part) for part in parts])
    said = _said(_finding(category), facts)
    assert said.startswith(f" Most of it is taken by {wanted}: ") if wanted else not said
    if category == "node_failure":
        assert "taken by render-1" in _said(_finding(category, "web reports PIDPressure."), facts)
    assert ("There are 16 of them, 4 at first" in said) == (name == "ever more of one kind")


# name: what a log says of sizes, what is told to take the room (empty: nothing)
SIZES: dict[str, tuple[tuple[str, ...], str]] = {
    "as du writes it": (
        ("1.1G /var/lib/apt", "29G\t/var/log/nginx/access.log", "31G /var/log"),
        "/var/log/nginx/access.log",
    ),
    "in a sentence": (("cleanup report: /srv/cores is now 41 GB, oldest file 12 days",), "/srv/cores"),
    "df tells of the whole": (("/dev/sdb1  100G  93G  2.3G  98% /srv/media", "9.9G /srv/media/raw"), "/srv/media/raw"),
    "the log of a container": (
        ("83G /var/lib/docker/containers/0123456789ab77/0123456789ab77-json.log",),
        "of container web",
    ),
    "small": (("12M /var/log/auth.log",), ""),
    "what is left": (("/srv/data has 40 GB free",), ""),
    "no size at all": (("GET /api/v2/orders 200 in 12 ms",), ""),
}


@pytest.mark.parametrize("name", SIZES)
def test_what_takes_the_room_of_a_full_disk_is_told(name: str):
    lines, wanted = SIZES[name]
    said = _said(_finding("disk_pressure"), read(case(), [container(Running=True), logs(*lines)]))
    assert said.startswith(f" The largest that was measured is {wanted}: ") if wanted else not said


def _pod(**spec: Any) -> Facts:
    book = Book()
    read_ceilings(book, "web", [{"name": "app", "resources": {"limits": {"memory": "1Ti"}}}], runs=False)
    read_ceilings(book, "web-1", [{"name": "app", **spec}], runs=True)
    book.sign("trouble", "strong", "pod web-1: phase Running", subject="web-1")
    found = container(Running=True).model_copy(
        update={"source": "kubernetes", "data": book.data(), "content": book.content()}
    )
    return read(case(), [found])


def test_the_limit_that_is_hit_is_told_and_no_other():
    facts = _pod(
        resources={"limits": {"cpu": "200m", "memory": "512Mi"}}, env=[{"name": "DB_PASSWORD", "value": "xyzzy"}]
    )
    assert "limits cpu 200m" in _said(_finding("cpu_throttling"), facts)
    assert "memory 512Mi" in _said(_finding("oom"), facts)
    assert not _said(_finding("network_error"), facts)
    assert not _said(_finding("memory_pressure", "web is refused by a store that is at its memory limit."), facts)
    assert not _said(_finding("cpu_throttling"), _pod(resources={"limits": {"memory": "512Mi"}}))


@pytest.mark.parametrize(
    ("message", "minutes", "category", "told"),
    [
        ("Scaled down replica set web-5 from 14 to 4", -12, "dependency_failure", True),
        ("Scaled down replica set web-5 from 4 to 3", -12, "dependency_failure", False),
        ("Scaled down replica set web-5 from 14 to 0", -12, "dependency_failure", False),
        ("Scaled down replica set web-5 from 14 to 4", -50, "dependency_failure", False),
        ("Scaled down replica set web-5 from 14 to 4", -12, "certificate_expired", False),
    ],
)
def test_that_fewer_serve_it_since_just_before_is_told(message: str, minutes: int, category: Category, told: bool):
    event = {"reason": "ScalingReplicaSet", "type": "Normal", "message": message}
    at = (BEGAN + timedelta(minutes=minutes)).isoformat()
    whom = {"kind": "Deployment", "name": "web"}
    found = evidence_of(case(), [{**event, "kind": "Event", "lastTimestamp": at, "involvedObject": whom}], "test")
    facts = read(case(), found)
    assert ("scaled down from 14 to 4 replicas" in _said(_finding(category), facts)) is told


def test_what_a_process_was_started_with_is_told_without_the_rest_of_its_command_line():
    words = ["java", "-Xmx1500m", "-Dpassword=xyzzy", "TOKEN=xyzzy", "NODE_OPTIONS=--max-old-space-size=512"]
    assert caps_of(words) == ["-Xmx1500m", "--max-old-space-size=512"]
    found = container(OOMKilled=True, ExitCode=137, memory=2 << 30)
    found.data["caps"] = caps_of(["redis-server", "--maxmemory", "1gb", "--maxmemory-policy", "allkeys-lru"])
    facts = read(case(), [found.model_copy(update={"content": describe(found.data)})])
    said = _said(_finding("oom"), facts)
    assert "memory limit: 2048 MiB" in said
    assert "--maxmemory 1gb --maxmemory-policy allkeys-lru" in said


def test_a_file_that_is_deleted_and_written_on_keeps_its_room():
    held = "lsof +L1: java 1822 app 41w REG 253,2 17270000000 0 /var/log/app/app.log (deleted)"
    lines = [LogLine("E4", text, text, "info", BEGAN, 1, "disk-report") for text in ("df /var 97% used", held)]
    assert held in _said(_finding("disk_pressure"), Facts(case=case(), around=lines))
    assert held not in _said(_finding("oom"), Facts(case=case(), around=lines))


@pytest.mark.parametrize(
    ("later", "told"),
    [(["backup failed"], True), (["Maintenance mode disabled"], False), (["Read-only mode off"], False)],
)
def test_what_was_switched_on_and_not_off_again_is_told(later: list[str], told: bool):
    said = ["Maintenance mode enabled", *later]
    lines = [LogLine("E4", text, text, "info", BEGAN + timedelta(minutes=n), 1) for n, text in enumerate(said)]
    assert (
        "not off again: Maintenance mode enabled" in _said(_finding("oom"), Facts(case=case(), lines=lines))
    ) is told
