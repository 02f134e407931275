"""What was registered beforehand explains what it brings, for as long as it holds, and nothing besides."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Container, Facts, LogLine, Metric, Monitor, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.ranking import Ranked
from agent_graph.analysts.rules.well.all_well import all_well
from agent_graph.logs.lines import Level
from backend.investigation.kinds import AlertFact, Category
from tests.agent_graph.cases import BEGAN, NOW, alert, case, down, up
from tests.agent_graph.cases import monitor as watched

GOOD = Sign("E3", "prometheus", "healthy", "strong", "http_errors_ratio: 0 → 0", "shop", None, "as before")


def line(message: str, minutes: float = 0, level: Level | None = None, label: str = "E2", count: int = 1) -> LogLine:
    at = NOW + timedelta(minutes=minutes)
    return LogLine(label, f"{at:%Y-%m-%dT%H:%M:%SZ} {message}", message, level, at, count)


def metric(role: str, called: str, *values: float, limit: float | None = None) -> Metric:
    first = NOW.timestamp() - 60 * (len(values) - 1)
    points = [(first + 60 * n, value) for n, value in enumerate(values)]
    return Metric("E5", role, f"{called}: {values[0]:g} → {values[-1]:g}", points, limit, None)


def trouble(found: Metric) -> Sign:
    return Sign("E5", "prometheus", "trouble", "strong", found.line, "web", BEGAN, "too much")


def facts(*alerts: AlertFact, **more: object) -> Facts:
    return replace(Facts(case(alerts=alerts or [alert()])), **more)


DRILL = 'calendar lab-1: game day "lose a web server", 21 Nov 03:00-04:00 UTC'


def drilled(plan: str = DRILL, ends: Sequence[str] = ("kill signal=9", "die exitCode=137", "start")) -> Facts:
    state = {"container": "web", "of_target": True, "running": True, "status": "running", "restart_count": 4}
    target = Container("E1", state, {"RestartCount": "RestartCount: 4"})
    killed = alert(name="Exit137", labels={"alertname": "Exit137", "name": "web", "host": "lab-1"})
    events = [line(event, -8 + n) for n in range(0, 6, 2) for event in ends]
    return facts(killed, signs=[GOOD], containers=[target], events=events, changes=[line(plan, -2_000)])


NOTICE = "notice clearing: planned maintenance 2026-11-21 02:30-05:00 UTC, no file exchange"


def other_side(notice: str = NOTICE, *, key: str = "route") -> Facts:
    waits = metric("locks", 'files_waiting{route="clearing"}', 0, 90)
    about = alert(name="FilesWait", labels={"alertname": "FilesWait", key: "clearing"})
    return facts(about, signs=[GOOD, trouble(waits)], metrics=[waits], changes=[line(notice, -9_000)])


ASKED = '10.20.4.11:51620 - "POST /referrals HTTP/1.1" {} -'


def one_of_few(*statuses: int, share: float = 0.125, after: float = -6) -> Facts:
    burns = alert(name="HighErrorRate", annotations={"summary": "error budget burn is over expected"})
    ratio = metric("errors", "sli_error:ratio_rate1h", 0, 0, share, share)
    said = [line("no region for postcode", after, "error")]
    asked = [(n, status) for n, status in enumerate(statuses or (500, 201, 201))]
    lines = [line(ASKED.format(status), after + n, "error" if status >= 500 else "info") for n, status in asked]
    return facts(burns, signs=[GOOD, trouble(ratio)], metrics=[ratio], lines=[*said, *lines])


def replayed(plan: str = "operation web: replay of store 118 from 09:00", failed: float = 3, *more: str) -> Facts:
    counted = metric("errors", "log_errors_per_minute", 0, 40, 40, 0)
    lost = metric("errors", "receipts_failed_total", 3, 3, failed)
    refused = [f'duplicate key value violates unique constraint "receipts_{n}"' for n in range(5)]
    lines = [line(text, -8 + n / 2, "error") for n, text in enumerate([*refused, *more])]
    return facts(signs=[GOOD, trouble(counted)], metrics=[counted, lost], lines=lines, changes=[line(plan, -12)])


def member_out(held: float = 0, missing: float = 0, after: float = 8, *, at: float = -14, word: str = "") -> Facts:
    steps = [9.0] * 8 + [after] * 12
    count = replace(metric("other", "cluster_nodes", *steps), change_at=NOW - timedelta(minutes=12))
    empty = metric("other", 'shards_total{node="db-7"}', held, held)
    whole = metric("other", "cluster_unassigned_shards", missing, missing)
    plan = line("decommission db-7: holds 0 shards, power off", at)
    lines = [line("WARN spent [500ms] collecting", minute, "warning") for minute in (-30, -20, -5)]
    lines += [line(f"WARN {word}", -4, "warning")] if word else []
    return facts(signs=[GOOD], metrics=[count, empty, whole], changes=[plan], lines=lines)


def rush(plan: str = "scale web: pre-scale to 24 for the sale", late: float = 0.08, fails: float = 0.1) -> Facts:
    fires = alert(name="TrafficAnomaly", annotations={"summary": "traffic 9x above last week, HPA at max replicas"})
    steps = [200.0] * 10 + [1_900.0] * 10
    asked = replace(metric("other", "http_requests_rate", *steps), change_at=NOW - timedelta(minutes=10))
    measured = [metric("latency", "p95_seconds", 0.06, late), metric("few_errors", "rate_5xx", 0.02, fails)]
    ready = Sign("E9", "kubernetes", "healthy", "strong", "deployment web: 24 of 24 replicas ready", "web", None, "")
    return facts(fires, signs=[GOOD, ready, trouble(asked)], metrics=[asked, *measured], changes=[line(plan, -25)])


FOUND = "monitoring uptime: auto-discovery enabled for *.shop.example, checks created"


def new_check(made: str = FOUND, since: str = "2019-04-12", *, passed: bool = False) -> Facts:
    old = [down(f"x509: certificate has expired: now is after {since}T23:59:59Z", minutes_ago=n) for n in (1, 3, 5)]
    before = [up(minutes_ago=9)] if passed else []
    checks = [f"2026-11-21 03:0{n}:00 down x509: certificate has expired" for n in (9, 7, 5)]
    seen = Monitor("E1", "down", 3, 3, ["down"] * 3, NOW - timedelta(minutes=5), None, checks)
    watch = watched(*old, *before).model_copy(update={"address": "https://expired.shop.example/"})
    told = facts(signs=[GOOD], monitor=seen, changes=[line(made, -6)])
    return replace(told, case=told.case.model_copy(update={"monitor": watch, "alerts": []}))


GROWS = "config web: replicas 3 -> 4, member 3 joins; first copy takes about 45 min"


def first_copy(
    plan: str = GROWS,
    said: str = '"Slow query" {"getMore": 88}',
    size: float = 90,
    of: str = "web-3",
    kind: str = "volume_used_bytes",
    began: float = -30,
) -> Facts:
    grows = metric("other", f'{kind}{{persistentvolumeclaim="data-{of}"}}', *range(10, 80, 8), size)
    rows = ("statefulset web: 3 of 4 replicas ready", "pod web-3: phase Running on n4, 0/1 containers ready")
    signs = [Sign("E9", "kubernetes", "trouble", "strong", row, "web", BEGAN, "not ready") for row in rows]
    unready = Sign("E9", "kubernetes", "probe_failure", "strong", "pod web-3: runs but is not ready", "web", BEGAN, "")
    lines = [line(said, -n, "info") for n in range(9)]
    return facts(signs=[GOOD, *signs, unready], metrics=[grows], lines=lines, changes=[line(plan, began)])


# The reason, as it says itself; where it holds; and what else is thought likely meanwhile.
REASONS: dict[str, tuple[Callable[[], Facts], Sequence[Category]]] = {
    "as the drill that was announced wants it": (drilled, ("restart_loop",)),
    "keeps what is for clearing until that is there again": (other_side, ()),
    "one request is 12% of all": (one_of_few, ("dependency_failure",)),
    "works through a replay that was registered": (replayed, ()),
    "because db-7 was emptied and taken out": (member_out, ("memory_pressure",)),
    "Nothing happened to web: the check is new": (new_check, ("certificate_expired",)),
    "web-3 takes its first copy": (first_copy, ("slow_query", "probe_failure")),
    "takes its first copy, as was said: scale web": (
        lambda: first_copy("scale web: third reader (3 -> 4), seeds itself", "bootstrap from web-0 in progress"),
        ("probe_failure",),
    ),
    "times as much as before, which was made ready for": (rush, ()),
}


def likely(category: Category) -> Ranked:
    return Ranked(Finding(category, "likely", [], "strong", onset=BEGAN), "likely", None)


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_is_believed_and_not_against_what_it_does_not_explain(reason: str):
    build, categories = REASONS[reason]
    seen, ranked = build(), [likely(category) for category in categories]
    found = all_well(seen, ranked)
    assert found is not None
    assert reason in found.statement
    new = [line(f"ERROR order {n} is lost", -n / 4, "error", "E4") for n in range(20)]
    assert all_well(replace(seen, lines=[*seen.lines, *reversed(new)]), ranked) is None
    lost = Sign("E9", "kubernetes", "trouble", "strong", "two of its volumes are lost", "web", BEGAN, "lost")
    assert all_well(replace(seen, signs=[lost, *seen.signs]), ranked) is None
    sure = Ranked(Finding("oom", "it was killed", [], "proof", onset=NOW - timedelta(minutes=1)), "confirmed", None)
    assert all_well(seen, [sure, *ranked]) is None


# What looks like a reason, and lacks a part of it.
NOT_SO: dict[str, Callable[[], Facts]] = {
    "a drill of another day": lambda: drilled(DRILL.replace("21 Nov", "20 Nov")),
    "a drill that is over": lambda: drilled(DRILL.replace("04:00", "03:04")),
    "a drill that was called off": lambda: drilled(DRILL + ", cancelled"),
    "a drill of another host": lambda: drilled(DRILL.replace("lab-1", "lab-2")),
    "it ends by itself, drill or not": lambda: drilled(ends=("die exitCode=137", "start")),
    "it is short of memory, drill or not": lambda: drilled(ends=("oom", "die exitCode=137", "start")),
    "nothing says that others serve": lambda: replace(drilled(), signs=[]),
    "the party is due to be back": lambda: other_side(NOTICE.replace("05:00", "03:02")),
    "another party is away": lambda: other_side(NOTICE.replace("clearing:", "cards:")),
    "it is its own maintenance": lambda: other_side(key="instance"),
    "the same request is not served since": lambda: one_of_few(500, 500, 201),
    "it is not asked again": lambda: one_of_few(500),
    "it failed just now": lambda: one_of_few(after=-2),
    "a share of many": lambda: one_of_few(share=0.01),
    "so many fail by the second": lambda: replace(
        one_of_few(), metrics=[], signs=[GOOD, trouble(metric("errors", "http_errors:rate5m", 0, 0.2))]
    ),
    "nobody registered a replay": lambda: replayed("deploy web: 2.0 -> 2.1"),
    "the replay of another": lambda: replayed("operation ledger: replay of store 118"),
    "something fails for good": lambda: replayed(failed=90),
    "something else is complained of, too": lambda: replayed(
        "operation web: replay of store 118", 3, "deadlock detected", "disk quota exceeded"
    ),
    "what went held something": lambda: member_out(held=12),
    "something is missing of the others": lambda: member_out(missing=40),
    "two went": lambda: member_out(after=7),
    "it went before anybody was to take it out": lambda: member_out(at=-5),
    "it was to go days ago": lambda: member_out(at=-3_000),
    "something new is warned of": lambda: member_out(word="failed to allocate a shard copy"),
    "not as many are ready": lambda: rush(plan="scale web: pre-scale to 30 for the sale"),
    "another one was scaled": lambda: rush(plan="scale cart: pre-scale to 24 for the sale"),
    "it answers late": lambda: rush(late=0.4),
    "too many fail": lambda: rush(fails=60),
    "the check has passed before": lambda: new_check(passed=True),
    "it has just expired": lambda: new_check(since="2026-11-20"),
    "discovery found others": lambda: new_check(FOUND.replace("shop", "bank")),
    "somebody edited checks": lambda: new_check("monitoring uptime: interval of *.shop.example is 30 s"),
    "what is for the party fails": lambda: replace(
        other_side(),
        metrics=[refused := metric("other", 'payments_failed:rate1m{route="clearing"}', 0, 25)],
        signs=[GOOD, trouble(refused)],
    ),
    "the alert speaks of failures": lambda: replace(
        other_side(),
        case=case(
            alerts=[
                alert(
                    labels={"alertname": "FilesWait", "route": "clearing"},
                    annotations={"summary": "all payments are refused, customers see an error"},
                )
            ]
        ),
    ),
    "versions are no members": lambda: first_copy(
        "config web: postgres 3 -> 4 parameters, WAL restore takes about 3 hours on a crash"
    ),
    "an old member is not ready": lambda: first_copy(GROWS.replace("3 -> 4", "2 -> 3")),
    "its log of writes grows": lambda: first_copy(kind="pg_wal_size_bytes"),
    "its time is over": lambda: first_copy(GROWS.replace("45", "20")),
    "nobody said how long it takes": lambda: first_copy(GROWS.partition(";")[0]),
    "nobody said how long, and it began long ago": lambda: first_copy(
        "scale web: 3 -> 4, seeds itself", "bootstrap from web-0 in progress", began=-70
    ),
    "nobody said how long, and it says nothing of it": lambda: first_copy("scale web: 3 -> 4, seeds itself", "served"),
    "a setting is no member": lambda: first_copy("config web: workers 3 -> 4, sync copy", "bootstrap in progress"),
    "two were added": lambda: first_copy(GROWS.replace("3 -> 4", "3 -> 5")),
    "the copy does not grow any more": lambda: first_copy(size=70),
    "what grows is another one's": lambda: first_copy(of="web-1"),
    "statements of others are slow": lambda: first_copy(said='"Slow query" {"find": "orders"}'),
    "what waits is for others, too": lambda: replace(
        other_side(), signs=[*other_side().signs, trouble(metric("locks", 'files_waiting{route="cards"}', 0, 90))]
    ),
}


@pytest.mark.parametrize("name", NOT_SO)
def test_without_a_part_of_it_it_is_no_reason(name: str):
    assert all_well(NOT_SO[name](), []) is None


def test_an_address_that_is_none_is_found_by_nobody():
    found = new_check()
    assert found.case.monitor is not None
    broken = found.case.monitor.model_copy(update={"address": "https://[fe80::1"})
    assert all_well(replace(found, case=found.case.model_copy(update={"monitor": broken})), []) is None


def test_hours_over_midnight_hold_on_both_sides_of_it():
    assert all_well(other_side(NOTICE.replace("2026-11-21 02:30", "2026-11-20 22:00")), []) is not None
    assert all_well(other_side(NOTICE.replace("2026-11-21 02:30", "2026-11-19 22:00")), []) is None


def test_what_a_log_says_alone_announces_nothing():
    """Whoever can write a line into a log could calm everybody with it."""
    told = other_side()
    assert all_well(replace(told, changes=[], lines=[line(NOTICE, -40)]), []) is None


def test_a_forecast_that_has_passed_tells_what_was_cleared_away():
    fills = {"summary": "is predicted to be full within four hours"}
    fires = alert(name="DiskWillFill", labels={"mountpoint": "/srv"}, annotations=fills)
    disk = metric("disk", 'used{mountpoint="/srv"}', 0.4, 0.4, 0.41, 0.5, 0.6, 0.7, 0.72, 0.41, 0.4, 0.4, limit=1)
    usual = [line("deleted 1 session", -n, count=40) for n in range(9)]
    seen = facts(fires, signs=[GOOD], metrics=[disk], lines=[*usual, line("removed 9 old parts", -2)])
    found = all_well(seen, [])
    assert found is not None
    assert "Said as it came back: removed 9 old parts." in found.statement
    silent = all_well(replace(seen, lines=usual), [])
    assert silent is not None
    assert "Said" not in silent.statement
