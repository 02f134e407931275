"""What is always said is no cause; what neighbours say counts only where the target is silent."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.noise import background
from agent_graph.logs.digest import digest
from agent_graph.logs.traces import fold
from agent_graph.sources.changes import evidence_of
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import evidence_of as metric_evidence
from agent_graph.sources.series import Series
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, NOW, alert, case, container, down, history, metric, monitor

SLOW = "WARN ledger: slow query took 12000 ms"
TLS = "ERROR Post https://bank/v1: net/http: TLS handshake timeout"
USUAL = [(minute, SLOW) for minute in range(-40, 10, 2)]
SINCE = [(minute, TLS) for minute in range(-1, 10)]


def log(*said: tuple[float, str], label: str = "E1", own: bool = True, tag: str = "") -> Evidence:
    lines = [f"{BEGAN + timedelta(minutes=at):%Y-%m-%dT%H:%M:%SZ} {tag}{text}" for at, text in sorted(said)]
    found = digest("\n".join(lines))
    data = {**found.data, "own": own}
    title = "Logs of web" if own else "Logs of what is around it"
    return Evidence(label=label, source="loki", kind="log", title=title, query="q", content=found.content, data=data)


def alarmed(*evidence: Evidence):
    told = case(alerts=[alert()])
    fires = Evidence(label="E9", source="alert", kind="event", title="a", query="q", content="x", data={"firing": 1})
    return analyse(told, [*evidence, fires])


@pytest.mark.parametrize("lines", [[*USUAL, *SINCE], [*SINCE, *USUAL]])
def test_the_new_words_lead_whatever_was_said_all_along(lines: list[tuple[float, str]]):
    assert alarmed(log(*lines)).category == "network_error"


def test_words_that_began_with_the_trouble_stay_a_cause():
    assert alarmed(log(*[(minute, SLOW) for minute in range(-1, 10)])).category == "slow_query"


@pytest.mark.parametrize(("said", "own"), [("clock skew of 41 s", True), ("device clock skew device=gw-8", False)])
def test_the_clock_of_whoever_sends_it_something_is_not_its_machines(said: str, own: bool):
    assert (alarmed(log(*[(minute, f"WARN {said}") for minute in range(-1, 10)])).category == "node_failure") is own


# What the alert says, and whether what was said twice before it, at its own slow pace, is part of what it is about.
@pytest.mark.parametrize(
    ("told", "part"),
    [
        ("the backup has been running for more than 20 minutes", True),
        ("the backup has been running for more than 1 minute", False),
        ("the backup runs", False),
    ],
)
def test_what_is_said_while_an_alert_waited_is_no_background(told: str, part: bool):
    said = log((-14, "INFO start"), (-7, "ERROR sum of file 17 differs"), (3, "ERROR sum of file 18 differs"))
    said = said.model_copy(update={"window_start": BEGAN - timedelta(minutes=15)})
    fires = case(alerts=[alert(annotations={"summary": told})])
    assert (background(fires, [said]) == set()) is part
    often = log(*((minute, f"ERROR sum of file {minute} differs") for minute in range(-14, 9, 4)))
    often = often.model_copy(update={"window_start": BEGAN - timedelta(minutes=15)})
    assert background(fires, [often])


@pytest.mark.parametrize(("heard", "new"), [(-11, True), (-40, False)])
def test_what_it_says_since_it_was_changed_is_no_background(heard: int, new: bool):
    """What it said now and then before as well is one, whatever has become slow since."""
    since = log(*[(minute, "Error: unknown flag: --logtostderr") for minute in range(heard, 10, 4)])
    since = since.model_copy(update={"window_start": BEGAN + timedelta(minutes=heard - 1)})
    row = {"ts": (BEGAN - timedelta(minutes=12)).isoformat(), "kind": "deploy", "target": "web", "summary": "web 5.1"}
    told = [one.model_copy(update={"label": "E2"}) for one in evidence_of(case(), [row], "changes")]
    slow = Series(
        {"__name__": "latency_seconds:p95"},
        [(BEGAN.timestamp() + 60 * n, 0.1 if n < 0 else 0.9) for n in range(-30, 10)],
    )
    measured = metric_evidence(case(), measures_of(case(), [slow]), BEGAN, NOW)
    told += [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(measured, 3)]
    assert (alarmed(since, *told).category == "config_error") is new


def test_a_log_that_does_not_reach_back_tells_nothing_apart():
    assert alarmed(log(*[(minute, SLOW) for minute in range(-4, 10)])).category == "slow_query"


EXPIRED = "verify error: certificate has expired"


@pytest.mark.parametrize(
    ("own", "around", "category"),
    [
        ("INFO quote refreshed", f"ERROR cluster web: {EXPIRED}", "certificate_expired"),
        ("INFO calling proxy", f"ERROR {EXPIRED}", "certificate_expired"),
        (TLS, f"ERROR cluster web: {EXPIRED}", "network_error"),
        ("INFO quote refreshed", f"ERROR cluster shop: {EXPIRED}", "unknown"),
    ],
    ids=["it names the target", "the target names it", "the target speaks for itself", "nothing ties it to the target"],
)
def test_a_silent_target_borrows_words(own: str, around: str, category: str):
    mine = log(*[(n, "INFO idle") for n in range(-10, 0)], *[(n, own) for n in range(10)])
    theirs = log(*[(n, around) for n in range(10)], label="E2", own=False, tag="[proxy] ")
    assert alarmed(mine, theirs).category == category


def test_errors_that_are_new_and_go_on_are_not_called_healthy():
    well = [container(Running=True, health="healthy"), metric("up", *[1.0] * 20)]
    assert alarmed(*well, log(*[(n, "ERROR frobnication 7 odd") for n in range(-40, 10)])).verdict == "not_an_incident"
    assert alarmed(*well, log(*[(n, "ERROR frobnication 7 odd") for n in range(10)])).verdict == "inconclusive"


def test_a_logger_that_aligns_its_levels_starts_lines_of_its_own():
    stamp = f"{NOW:%Y-%m-%dT%H:%M:%S.000Z}"
    lines = [f"{stamp}  INFO 1 --- a", f"{stamp}  WARN 1 --- b", f"{stamp}     at x.Y(Z.java)"]
    assert fold(lines) == [(0, 1), (1, 3)]


def test_whoever_complains_is_followed_to_the_one_complained_of():
    mine = log(*[(n, "INFO idle") for n in range(-10, 0)], *[(n, "ERROR redis: write refused") for n in range(10)])
    theirs = log(
        *[(n, "ERROR fork: Cannot allocate memory") for n in range(10)], label="E2", own=False, tag="[redis-1] "
    )
    assert alarmed(mine, theirs).category == "memory_pressure"


AWAY = "maintenance: planned, announced to customers, 02:30-04:00 UTC"
PLANNED: dict[str, tuple[str, list[str], str]] = {
    "as announced": (AWAY, ["ERROR 503 Maintenance mode is on"], "not_an_incident"),
    "past its end": (AWAY.replace("04:00", "03:00"), ["ERROR 503 Maintenance mode is on"], "incident"),
    "of something else": (AWAY.replace("for web", "for db"), ["ERROR 503 Maintenance mode is on"], "incident"),
    "in a commit's message": (AWAY, ["ERROR 503 Maintenance mode is on"], "incident"),
    "but it says otherwise": (AWAY, ["ERROR disk full"], "incident"),
    "and a cause of its own": (AWAY, ["maintenance begins", "ERROR No space left on device"], "incident"),
}


@pytest.mark.parametrize("name", PLANNED)
def test_being_away_as_announced_is_no_incident(name: str):
    summary, words, verdict = PLANNED[name]
    target = "db" if name == "of something else" else "web"
    told = case(alerts=[alert()], monitor=monitor(down("HTTP 503")))
    kind = "deploy" if name == "in a commit's message" else "maintenance"
    rows = [{"ts": "2026-11-21T02:30:00Z", "kind": kind, "target": target, "summary": summary}]
    (change,) = evidence_of(told, rows, "changes")
    said = log(*[(n, word) for n, word in enumerate(words)])
    found = [change.model_copy(update={"label": "E3"}), said, history(monitor(down("connection refused")), "E4")]
    assert (analyse(told, found).verdict == "not_an_incident") == (verdict == "not_an_incident")


SERVING = [(n + 0.5, "INFO GET /items 200") for n in range(-40, 10)]
PROBED: dict[str, tuple[str, list[tuple[float, str]], float, str]] = {
    "its resolver does not answer": ("getaddrinfo EAI_AGAIN web.example", SERVING, 1.0, "not_an_incident"),
    "the domain is gone": ("getaddrinfo ENOTFOUND web.example", SERVING, 1.0, "incident"),
    "nobody is served meanwhile": ("getaddrinfo EAI_AGAIN web.example", SERVING[:20], 1.0, "incident"),
    "another measurement fails, too": ("getaddrinfo EAI_AGAIN web.example", SERVING, 0.0, "incident"),
}


@pytest.mark.parametrize("name", PROBED)
def test_the_probers_own_trouble_is_not_the_targets(name: str):
    error, said, up_now, verdict = PROBED[name]
    watched = monitor(down(error), down(error, minutes_ago=2))
    start = BEGAN.timestamp()
    series = Series({"__name__": "up"}, [(start + 60 * n, up_now) for n in range(-30, 10)])
    told = case(monitor=watched)
    (measured,) = metric_evidence(told, measures_of(told, [series]), BEGAN, NOW)
    metrics = [measured.model_copy(update={"label": "E2"})]
    assert analyse(told, [log(*said), *metrics, history(watched, "E3")]).verdict == verdict


@pytest.mark.parametrize(
    ("values", "verdict"),
    [([70.0] * 30 + [94.0] * 20, "incident"), ([93.0] * 50, "inconclusive")],
    ids=["it filled up", "it always is that full"],
)
def test_memory_is_short_only_where_there_was_more_of_it(values: list[float], verdict: str):
    assert alarmed(metric("memory", *values, limit=100.0)).verdict == verdict


@pytest.mark.parametrize("restarts", [0, 26])
def test_a_proxy_before_a_target_that_is_down_complains_of_the_target(restarts: int):
    """What the target itself needs is another matter: its own words tell of that."""
    refused = (
        "[web-proxy] [error] connect() failed (111: Connection refused) to upstream http://172.18.0.6:9000 for web"
    )
    proxy = log(*[(minute, refused) for minute in range(-1, 10)], label="E2", own=False)
    own = log(*[(minute, "INFO Configuring session handler") for minute in range(-10, 10)])
    state = container("E3", Running=True, restarts=restarts)
    assert (alarmed(own, proxy, state).category == "dependency_failure") is (restarts == 0)


@pytest.mark.parametrize("counted", [True, False])
def test_what_is_counted_besides_is_no_background_however_slowly_it_is_said(counted: bool):
    """A kernel that kills every ten minutes says so at its own pace, since before the alert."""
    killed = [(at, f"kernel: Out of memory: Killed process {1200 + at} (clamd)") for at in range(-18, 10, 9)]
    told = log(*killed, *[(at, "INFO accepted mail") for at in range(-20, 10)])
    told = told.model_copy(update={"window_start": BEGAN - timedelta(minutes=20)})
    kills = metric("oom_events", *([0] * 8), *([3] * 8 if counted else [0] * 8), label="E2")
    draft = alarmed(told, kills)
    assert ("Killed process" in draft.root_cause) is counted


@pytest.mark.parametrize(("heard", "resembled"), [(-40, False), (-1, True)])
def test_what_is_always_said_resembles_no_cause(heard: int, resembled: bool):
    """No pattern knows the line, only what it is like."""
    said = "error: Node n011 has low real_memory size (257012 < 257400)"
    found = alarmed(log(*[(minute, said) for minute in range(heard, 10)]))
    assert (found.category == "memory_pressure") is resembled
