"""Failed attempts that are made up for, a word that is only asked for, and what was so yesterday wake nobody."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.well.absorbed import absorbed
from agent_graph.analysts.rules.well.as_yesterday import as_yesterday
from agent_graph.analysts.rules.well.counted_words import only_a_word
from agent_graph.analysts.rules.well.new_check import _NAMED as new_check_named  # pyright: ignore[reportPrivateUsage]
from agent_graph.logs.lines import Level
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, NOW, alert, case

GOOD = Sign("E3", "kubernetes", "healthy", "strong", "pod web-1: 1/1", "web-1", None, "ready")
Reason = Callable[[Facts, Sequence[Category]], Finding | None]


def _line(message: str, minutes: float, level: Level | None, count: int = 1) -> LogLine:
    at = NOW + timedelta(minutes=minutes)
    return LogLine("E2", f"{at:%H:%M:%S} {message}", message, level, at, count)


def _metric(role: str, called: str, before: float, since: float) -> Metric:
    at = [NOW.timestamp() - 60 * n for n in range(59, -1, -1)]
    points = [(one, before if n < 40 else since) for n, one in enumerate(at)]
    return Metric("E5", role, f"{called}: {before} → {since}", points, None, None)


def _trouble(metric: Metric) -> Sign:
    return Sign("E5", "prometheus", "trouble", "strong", metric.line, "web", BEGAN, "too much")


FAILS = '"PSP call failed", "attempt": 1'
TOLD = 'web logs more than 1 ERROR line a minute: "PSP call failed"'
RATIO = "pay_attempts:failed:ratio5m"


def _attempts(
    message: str = FAILS,
    late: float = 1.7,
    told: str = TOLD,
    called: str = "pay_authorisation:{}{{}}",
    **measured: tuple[float, float],
) -> Facts:
    """`called`: what the attempts are for is measured as."""
    rows = {
        RATIO: ("errors", (0.003, 0.15)),
        called.format("failure:ratio5m"): ("errors", measured.get("failed", (0.0, 0.0))),
        called.format("completed:rate5m"): ("other", measured.get("done", (11.4, 11.3))),
        "pay_retry_budget_remaining": ("other", measured.get("left", (0.98, 0.7))),
    }
    metrics = [_metric(role, called, *values) for called, (role, values) in rows.items()]
    slow = _metric("latency", "pay_authorisation_seconds:p95", 0.8, late)
    lines = [_line(f"ERROR {message} #{n}", -n / 4, "error", 20) for n in range(20)]
    signs = [GOOD, _trouble(metrics[0]), _trouble(slow)]
    alerts = [alert(name="LogErrorRate", annotations={"summary": told})]
    return Facts(case(alerts=alerts), lines=lines, metrics=[*metrics, slow], signs=signs)


def _of_machines() -> Facts:
    """No errors on the network and as much observed as ever say nothing of what is paid."""
    facts = _attempts()
    network = _metric("errors", 'container_network_receive_errors_total{pod="web-1"}', 0.0, 0.0)
    seen = _metric("other", 'kube_deployment_status_observed_generation{deployment="web"}', 7.0, 7.0)
    return replace(facts, metrics=[facts.metrics[0], network, seen, facts.metrics[-1]])


KB = '10.12.1.{n} - - [21/Nov/2026:03:0{m}:00 +0000] "{method} {path} HTTP/1.1" {status} 512 "-" "Firefox"'


def _pages(
    path: str = "/kb/vpn-error-809",
    status: int = 200,
    method: str = "GET",
    *others: LogLine,
    counts: str = '|~ "(?i)error"',
) -> Facts:
    told = {"description": f'sum(count_over_time({{container="kb"}} {counts} [10m])) > 100'}
    asked = [KB.format(n=n, m=n % 8, method=method, path=path, status=status) for n in range(8)]
    lines = [_line(one, -n - 1, "info", 30) for n, one in enumerate(asked)]
    return Facts(case(alerts=[alert(name="LogErrorBurst", annotations=told)]), lines=[*lines, *others])


def _halted(count: int, level: Level | None, counts: str = '|~ "(?i)(error|panic|fatal)"') -> Facts:
    """What anybody may ask for a thousand times, beside what is said once or often in other words."""
    said = "FATAL ledger segment {n} differs from its replica, halting writes"
    lines = [_line(said.format(n=n), -n / 10, level, count) for n in range(count)]
    return _pages("/kb/vpn-error-80x", 200, "GET", *lines, counts=counts)


BUSY = 'disk_busy:rate1m{}{{device="nvme0n1", instance="hv6"}}'


def _yesterday(
    then: float = 0.98,
    before: float = 0.08,
    device: str = "nvme0n1",
    after: str = ":offset_1d",
    role: str = "other",
    said: str = "",
    users: str = "latency",
) -> Facts:
    told = alert(name="DiskSaturation", labels={"instance": "hv6", "device": device}, annotations={"summary": said})
    now = _metric(role, BUSY.format(""), before, 0.99)
    ago = _metric("other", BUSY.format(after), before, then)
    served = _metric(users, "request_seconds:p99", 0.3, 0.3)
    well = replace(GOOD, quote=served.line, source="prometheus")
    return Facts(case(alerts=[told]), metrics=[now, ago, served], signs=[well, _trouble(now)])


# Where the reason holds: itself, and how.
WELL: dict[str, tuple[Reason, Callable[[], Facts]]] = {
    "attempts are made again, and nothing fails": (absorbed, _attempts),
    "the alert names what measures the attempts": (absorbed, lambda: _attempts(told=f"{RATIO} is above 10 %")),
    "the word is what is asked for": (only_a_word, _pages),
    "each of the words is what is asked for": (only_a_word, lambda: _pages(counts='|~ "(?i)(panic|error)"')),
    "so it was yesterday": (as_yesterday, _yesterday),
    "so it was a week ago": (as_yesterday, lambda: _yesterday(after=":1w_ago")),
}


@pytest.mark.parametrize("name", WELL)
def test_it_is_believed_but_not_against_new_complaints_or_other_trouble(name: str):
    reason, build = WELL[name]
    facts = build()
    new = [_line(f"ERROR order {n} is lost", -n / 4, "error") for n in range(20)]
    other = Sign("E9", "kubernetes", "trouble", "strong", "two of its volumes are lost", "web", BEGAN, "lost")
    assert reason(facts, ()) is not None
    assert reason(replace(facts, lines=[*facts.lines, *new]), ()) is None
    assert reason(replace(facts, signs=[*facts.signs, other]), ()) is None
    assert reason(facts, ["oom"]) is None


# Where it does not hold.
NOT_SO: dict[str, tuple[Reason, Callable[[], Facts]]] = {
    "users are told no": (absorbed, lambda: _attempts(failed=(0.0, 0.02))),
    "less is done": (absorbed, lambda: _attempts(done=(11.4, 8.0))),
    "hardly any attempts are left": (absorbed, lambda: _attempts(left=(0.98, 0.1))),
    "it takes much longer": (absorbed, lambda: _attempts(late=4.0)),
    "it was the last attempt": (absorbed, lambda: _attempts('"giving up", "attempt": 4')),
    "they are not made again": (absorbed, lambda: _attempts('"not retrying", "attempt": 1')),
    "the alert is about how long it takes": (absorbed, lambda: _attempts(told=f"p99 latency is high, {RATIO}")),
    "the alert is about what users get": (absorbed, lambda: _attempts(told="SLO burn, see PSP call failed")),
    "the alert is about something else": (absorbed, lambda: _attempts(told="the ledger differs")),
    "one complains of something else": (
        absorbed,
        lambda: replace(facts := _attempts(), lines=[*facts.lines, _line("FATAL ledger lost", -1, "fatal")]),
    ),
    "only machines are measured": (absorbed, _of_machines),
    "something else does not fail": (absorbed, lambda: _attempts(called="mail_delivery:{}{{}}")),
    "it is done for another": (absorbed, lambda: _attempts(called='pay_{0}{{{{of="{0}"}}}}')),
    "it is no attempt": (absorbed, lambda: _attempts('"PSP call failed"')),
    "what is asked for is refused": (only_a_word, lambda: _pages(status=404)),
    "who fails is sent there": (only_a_word, lambda: _pages("/error?code=7")),
    "who fails comes back with it": (only_a_word, lambda: _pages("/callback?error_description=denied")),
    "browsers tell of errors": (only_a_word, lambda: _pages("/client-errors", 204, "POST")),
    "another of the words is a complaint": (only_a_word, lambda: _halted(25, "fatal")),
    "another word is a complaint": (only_a_word, lambda: _halted(25, "fatal", '|~ "(?i)error"')),
    "one complaint is enough": (only_a_word, lambda: _halted(1, "error", '|~ "(?i)error"')),
    "a complaint without a level": (only_a_word, lambda: _halted(1, None, '|~ "(?i)error"')),
    "what it counts can not be read": (only_a_word, lambda: _pages(counts='|~ "(?i)(error|panic).*"')),
    "it counts another spelling": (only_a_word, lambda: _pages(counts='|= "ERROR"')),
    "it counts what has two words": (only_a_word, lambda: _pages(counts='|~ "(?i)error" |= "kb"')),
    "it leaves out what is asked for": (only_a_word, lambda: _pages(counts='|~ "(?i)error" != "GET"')),
    "it counts a level": (only_a_word, lambda: _pages(counts='|~ "(?i)error" | level="error"')),
    "many are refused": (
        only_a_word,
        lambda: _pages(
            "/kb/vpn-error-809",
            200,
            "GET",
            _line(KB.format(n=1, m=1, method="GET", path="/x", status=500), -1, "info", 90),
        ),
    ),
    "it warns of an error": (
        only_a_word,
        lambda: _pages("/kb/vpn-error-809", 200, "GET", _line("error in row 7", -1, "warning")),
    ),
    "yesterday it was calm": (as_yesterday, lambda: _yesterday(0.1)),
    "it is always so": (as_yesterday, lambda: _yesterday(before=0.98)),
    "errors, as yesterday": (as_yesterday, lambda: _yesterday(role="errors")),
    "the alert speaks of errors": (as_yesterday, lambda: _yesterday(said="20 % of requests end with an error")),
    "it is short of memory": (as_yesterday, lambda: _yesterday(said="memory is at 97 %")),
    "no users are measured": (as_yesterday, lambda: _yesterday(users="other")),
    "another disk": (as_yesterday, lambda: _yesterday(device="sda")),
    "nothing tells of yesterday": (as_yesterday, lambda: _yesterday(after=":avg")),
}


def test_long_lines_are_read_at_once():
    message = '"PSP call failed", "attempt": 1, "seen": ' + "1" * 20_000
    began = process_time()
    assert absorbed(_attempts(message), ()) is not None
    assert process_time() - began < 1.0


def test_long_names_are_read_at_once():
    """They come from whoever is watched: a name, or a list of names, as long as they like."""
    began = process_time()
    assert as_yesterday(_yesterday(after=":avg", device="a" * 20_000), ()) is None
    for long in ("a-" * 10_000, "a" * 20_000):
        assert not Metric("E1", "", f"{long}: 1 → 2", [], None, None).labels
    assert not any(new_check_named.findall(long) for long in ("a-" * 10_000, "a" * 20_000, "1." * 10_000))
    assert process_time() - began < 1.0


@pytest.mark.parametrize("name", NOT_SO)
def test_what_looks_like_it_is_not_believed(name: str):
    reason, build = NOT_SO[name]
    assert reason(build(), ()) is None
