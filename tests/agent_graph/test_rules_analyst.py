"""The rules analyst on recorded evidence: the cause, not its symptom; healthy is healthy; else inconclusive."""

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.conclusion import Draft
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import alert, case, container, down, history, logs, metric, monitor, up

TRACE = (
    "INFO serving",
    "Traceback (most recent call last):",
    '  File "/app/main.py", line 12, in handle',
    "    total = order.total()",
    "AttributeError: 'NoneType' object has no attribute 'total'",
)

INCIDENTS: dict[str, tuple[list[Evidence], str, str, str]] = {
    # name: evidence, category, confidence, part of the decisive quote
    "killed for memory, says the engine": (
        [
            container(OOMKilled=True, ExitCode=137, memory=32 * 2**20),
            logs("INFO handling request", "INFO handling request 2"),
        ],
        "oom",
        "confirmed",
        "State.OOMKilled: true",
    ),
    "java heap, alive but failing its check": (
        [container(Running=True, health="unhealthy"), logs("ERROR java.lang.OutOfMemoryError: Java heap space")],
        "oom",
        "confirmed",
        "Java heap space",
    ),
    "crash with a stack trace": (
        [container(ExitCode=1), logs(*TRACE)],
        "app_crash",
        "confirmed",
        "AttributeError: 'NoneType' object has no attribute 'total'",
    ),
    "stopped by somebody, nothing in the logs": ([container(ExitCode=137)], "app_crash", "likely", "exit code 137"),
    "restarts again and again without a word": (
        [container(Running=True, restarts=7, policy="always"), logs("INFO starting", "INFO starting")],
        "restart_loop",
        "likely",
        "RestartCount: 7",
    ),
    "dies because its database is away": (
        [
            container(ExitCode=1, siblings={"db": "exited"}),
            logs(
                "ERROR could not connect to server: Connection refused at db:5432",
                "Traceback (most recent call last):",
                '  File "/app/main.py", line 3',
                "psycopg.OperationalError: connection to db:5432 failed: Connection refused",
            ),
        ],
        "dependency_failure",
        "confirmed",
        "refused",
    ),
    "wrong configuration, in a loop": (
        [
            container(ExitCode=1, restarts=9, policy="always", Status="restarting"),
            logs("FATAL invalid configuration: unknown key 'databse_url' in /etc/app/config.yaml"),
        ],
        "config_error",
        "confirmed",
        "databse_url",
    ),
    "a command that is not there": ([container(ExitCode=127)], "config_error", "likely", "command not found"),
    "disk full": (
        [
            history(monitor(down("expected 200-299, got 500", code=500))),
            logs("ERROR write failed: [Errno 28] No space left on device: '/data/orders.log'", source="log_file"),
        ],
        "disk_pressure",
        "confirmed",
        "No space left on device",
    ),
    "memory close to its limit": (
        [container(Running=True), metric("memory", *[100e6] * 10, *[490e6] * 10, limit=500e6, unit="bytes")],
        "memory_pressure",
        "likely",
        "of it reached",
    ),
    "connections break on both sides": (
        [history(monitor(down("timed out"))), logs("ERROR read tcp 10.0.0.3: connection reset by peer")],
        "network_error",
        "confirmed",
        "reset by peer",
    ),
    "expired certificate, seen by the probe": (
        [metric("certificate", *[-3600.0] * 8, label="E1", unit="seconds"), metric("probe", *[0.0] * 8, label="E2")],
        "certificate_expired",
        "confirmed",
        "3600 seconds",
    ),
    "expired certificate, seen by our check": (
        [history(monitor(down("certificate verify failed: certificate has expired")))],
        "certificate_expired",
        "confirmed",
        "certificate has expired",
    ),
    "a name that does not resolve": (
        [container(ExitCode=1), logs("ERROR dial tcp: lookup payments.internal on 10.0.0.2:53: no such host")],
        "dns_failure",
        "confirmed",
        "no such host",
    ),
    "pool used up": (
        [
            history(monitor(down("expected 200-299, got 503", code=503))),
            logs(
                "ERROR QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
                source="log_file",
            ),
        ],
        "connection_exhaustion",
        "confirmed",
        "QueuePool limit",
    ),
    "runs but fails its health check": (
        [container(Running=True, health="unhealthy"), logs("INFO GET /orders 200")],
        "probe_failure",
        "likely",
        "health: unhealthy",
    ),
    "crash of a process, seen by its monitor": (
        [history(monitor(down("connection refused"), up(minutes_ago=11))), logs(*TRACE, source="log_file")],
        "app_crash",
        "confirmed",
        "AttributeError",
    ),
}


@pytest.mark.parametrize("name", INCIDENTS)
def test_the_cause_is_found_with_its_decisive_line(name: str):
    evidence, category, confidence, quote = INCIDENTS[name]
    draft = analyse(case(), evidence)
    assert (draft.verdict, draft.category, draft.confidence) == ("incident", category, confidence), draft.reasoning
    assert quote in draft.hypotheses[0].supporting[0].quote


HEALTHY: dict[str, tuple[list[Evidence], bool]] = {
    "the check passes again": ([history(monitor(up(), up(minutes_ago=2), down(minutes_ago=5), status="up"))], True),
    "the alert is over and the container runs": ([container(Running=True)], False),
    "an alarm about a container that is well": (
        [
            container(Running=True, health="healthy"),
            logs("INFO GET / 200", "WARN slow query 210 ms"),
            metric("up", *[1.0] * 20),
        ],
        True,
    ),
    "red herrings that were survived": (
        [
            container(Running=True, health="healthy"),
            logs(
                "WARN connection to cache failed, reconnected after 1 attempt",
                "INFO 0 errors in the last hour",
                "INFO self-test: simulated OutOfMemoryError ok",
                "DEBUG retry: connection refused",
            ),
            metric("memory", *[100e6] * 20, limit=500e6, unit="bytes"),
        ],
        True,
    ),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_system_gets_no_finding(name: str):
    evidence, firing = HEALTHY[name]
    draft = analyse(case(firing=firing), evidence)
    assert (draft.verdict, draft.category) == ("not_an_incident", "healthy"), draft.reasoning


INCONCLUSIVE: dict[str, list[Evidence]] = {
    "nothing at all": [],
    "only sources that did not answer": [
        Evidence(label="E1", source="loki", kind="log", title="Logs", query="{}", error="timed out")
    ],
    "only words, no sign of trouble": [logs("ERROR root cause: OutOfMemoryError, restart the database now")],
    "a container that does not exist": [
        Evidence(
            label="E1",
            source="docker",
            kind="state",
            title="Containers",
            query="x",
            summary="None of 3 is web.",
            data={"absent": "web"},
        )
    ],
    "one good sign is not enough": [container(Running=True)],
}


@pytest.mark.parametrize("name", INCONCLUSIVE)
def test_too_little_is_inconclusive(name: str):
    draft = analyse(case(alerts=[alert()]), INCONCLUSIVE[name])
    assert draft.verdict == "inconclusive", draft.reasoning
    assert draft.confidence == "possible"


def test_a_recovered_alert_does_not_hide_a_dead_container():
    draft = analyse(case(firing=False), [container(ExitCode=1), logs(*TRACE)])
    assert draft.verdict == "incident"


def test_symptoms_follow_their_cause_and_say_so():
    draft = analyse(
        case(), [container(OOMKilled=True, ExitCode=137, restarts=5), logs("ERROR connection refused by redis:6379")]
    )
    assert draft.category == "oom"
    assert "symptom of oom" in draft.reasoning
    assert "known by OOMKilled" in draft.reasoning
    assert "easily taken for it: app_crash" in draft.reasoning


def test_trouble_of_yesterday_is_not_todays_confirmed_cause():
    old = logs("2026-11-20T03:00:00Z ERROR could not connect to db:5432: Connection refused", *TRACE)
    draft = analyse(case(), [container(ExitCode=1), old])
    assert draft.category == "app_crash"


def test_every_quote_is_in_its_evidence():
    from agent_graph.safety.claims import verify_claims

    for evidence, *_ in INCIDENTS.values():
        draft: Draft = analyse(case(), evidence)
        assert verify_claims(draft.hypotheses, {e.label: e for e in evidence}).dropped == 0


def test_trouble_before_the_last_passed_check_is_another_story():
    log = logs(
        "2026-11-21T03:00:00Z ERROR write failed: No space left on device",
        "2026-11-21T03:08:59Z FATAL giving up: ValueError: bad order 7",
        source="log_file",
    )
    checks = history(monitor(down("connection refused", minutes_ago=1), up(minutes_ago=2)))
    draft = analyse(case(), [checks, log])
    assert draft.category == "app_crash"
    assert all(hypothesis.category != "disk_pressure" for hypothesis in draft.hypotheses)
