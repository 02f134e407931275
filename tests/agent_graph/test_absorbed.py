"""Failed attempts that are made up for, a word that is only asked for, and what was so yesterday wake nobody."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.well.absorbed import absorbed
from agent_graph.analysts.rules.well.as_yesterday import as_yesterday
from agent_graph.analysts.rules.well.counted_words import only_a_word
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


def _attempts(
    said: str = '"PSP call failed", "attempt": 1', late: float = 1.7, **measured: tuple[float, float]
) -> Facts:
    rows = {
        "attempts_failed:ratio5m": ("errors", (0.003, 0.15)),
        "authorisation_failure:ratio5m": ("errors", (0.0, 0.0)),
        "authorisations_completed:rate5m": ("other", (11.4, 11.3)),
        "retry_budget_remaining": ("other", (0.98, 0.7)),
    }
    metrics = [_metric(role, called, *measured.get(called.split(":")[0], v)) for called, (role, v) in rows.items()]
    slow = _metric("latency", "authorisation_seconds:p95", 0.8, late)
    lines = [_line(f"ERROR {said} #{n}", -n / 4, "error", 20) for n in range(20)]
    signs = [GOOD, _trouble(metrics[0]), _trouble(slow)]
    return Facts(case(alerts=[alert()]), lines=lines, metrics=[*metrics, slow], signs=signs)


KB = '10.12.1.{n} - - [21/Nov/2026:03:0{m}:00 +0000] "{method} {path} HTTP/1.1" {status} 512 "-" "Firefox"'


def _pages(path: str = "/kb/vpn-error-809", status: int = 200, method: str = "GET", *others: LogLine) -> Facts:
    told = {"description": 'sum(count_over_time({container="kb"} |~ "(?i)error" [10m])) > 100'}
    asked = [KB.format(n=n, m=n % 8, method=method, path=path, status=status) for n in range(8)]
    lines = [_line(one, -n - 1, "info", 30) for n, one in enumerate(asked)]
    return Facts(case(alerts=[alert(name="LogErrorBurst", annotations=told)]), lines=[*lines, *others])


BUSY = 'disk_busy:rate1m{}{{device="nvme0n1", instance="hv6"}}'


def _yesterday(then: float = 0.98, before: float = 0.08, device: str = "nvme0n1", after: str = ":offset_1d") -> Facts:
    told = alert(name="DiskSaturation", labels={"instance": "hv6", "device": device}, annotations={})
    now = _metric("other", BUSY.format(""), before, 0.99)
    ago = _metric("other", BUSY.format(after), before, then)
    users = replace(GOOD, quote="request_seconds:p99: 0.3 → 0.3", source="prometheus")
    return Facts(case(alerts=[told]), metrics=[now, ago], signs=[users, _trouble(now)])


# Where the reason holds: itself, and how.
WELL: dict[str, tuple[Reason, Callable[[], Facts]]] = {
    "attempts are made again, and nothing fails": (absorbed, _attempts),
    "the word is what is asked for": (only_a_word, _pages),
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
    "users are told no": (absorbed, lambda: _attempts(authorisation_failure=(0.0, 0.02))),
    "less is done": (absorbed, lambda: _attempts(authorisations_completed=(11.4, 8.0))),
    "hardly any attempts are left": (absorbed, lambda: _attempts(retry_budget_remaining=(0.98, 0.1))),
    "it takes much longer": (absorbed, lambda: _attempts(late=4.0)),
    "it was the last attempt": (absorbed, lambda: _attempts('"giving up", "attempt": 4')),
    "it is no attempt": (absorbed, lambda: _attempts('"PSP call failed"')),
    "what is asked for is refused": (only_a_word, lambda: _pages(status=404)),
    "who fails is sent there": (only_a_word, lambda: _pages("/error?code=7")),
    "who fails comes back with it": (only_a_word, lambda: _pages("/callback?error_description=denied")),
    "browsers tell of errors": (only_a_word, lambda: _pages("/client-errors", 204, "POST")),
    "it warns of an error": (
        only_a_word,
        lambda: _pages("/kb/vpn-error-809", 200, "GET", _line("error in row 7", -1, "warning")),
    ),
    "yesterday it was calm": (as_yesterday, lambda: _yesterday(0.1)),
    "it is always so": (as_yesterday, lambda: _yesterday(before=0.98)),
    "another disk": (as_yesterday, lambda: _yesterday(device="sda")),
    "nothing tells of yesterday": (as_yesterday, lambda: _yesterday(after=":avg")),
}


@pytest.mark.parametrize("name", NOT_SO)
def test_what_looks_like_it_is_not_believed(name: str):
    reason, build = NOT_SO[name]
    assert reason(build(), ()) is None
