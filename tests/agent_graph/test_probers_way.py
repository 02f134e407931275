"""No way out of one place where we ask from is that place's trouble, as long as users ask as ever and are served."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.well.probing import probers_own
from tests.agent_graph.cases import NOW, case, down, history, monitor, up

NO_WAY = "dial tcp: connect: network is unreachable"
LOST = "agent=east level=error default route lost on eth0"
STEADY = (400.0,) * 12


def _metric(role: str, line: str, values: Sequence[float]) -> Metric:
    points = [(NOW.timestamp() - 60 * n, value) for n, value in enumerate(reversed(values))]
    return Metric("E5", role, f"{line}: {values[0]:g} → {values[-1]:g}", points[::-1], None, None)


def _line(message: str, minutes: float, speaker: str) -> LogLine:
    at = NOW + timedelta(minutes=minutes)
    return LogLine("E2", f"{at:%Y-%m-%dT%H:%M:%SZ} {message}", message, "error", at, 1, speaker)


def _facts(
    error: str = NO_WAY, passes: int = 8, asked: Sequence[float] = STEADY, *said: LogLine, counted: bool = True
) -> Facts:
    failed = [down(error, minutes_ago=2 * n) for n in range(4)]
    passed = [up(minutes_ago=n + 0.5) for n in range(passes)]
    watched = monitor(*sorted([*failed, *passed], key=lambda check: check.at, reverse=True))
    few = _metric("few_errors", 'responses_total{code="5xx"}', (0.01,) * 12)
    good = Sign("E5", "prometheus", "healthy", "strong", few.line, "web", None, "hardly any fail")
    own = [_line(f"agent=east target=n{n} {NO_WAY}", -n, "probe-agent") for n in range(6)]
    lines = [_line(LOST, -8, "probe-agent"), *own, *said]
    found = replace(read(case(monitor=watched), [history(watched)]), lines=lines, signs=[good] if counted else [])
    return replace(found, metrics=[few, _metric("other", "requests_total{}", asked)])


def test_a_place_with_no_way_out_tells_nothing_of_whom_it_asks():
    found = probers_own(_facts())
    assert found is not None
    assert "default route lost" in found.statement


@pytest.mark.parametrize(
    "facts",
    [
        # None passes, users are not measured, fewer come through, or names are not found, which others notice, too.
        _facts(passes=1),
        _facts(counted=False),
        _facts(asked=(400.0,) * 6 + (210.0,) * 6),
        _facts("getaddrinfo EAI_AGAIN shop.example"),
        # Somebody else complains.
        _facts(NO_WAY, 8, STEADY, *(_line(f"order {n} is lost", -n / 2, "shop") for n in range(9))),
    ],
)
def test_users_who_may_be_kept_away_are_not_reasoned_away(facts: Facts):
    assert probers_own(facts) is None


UNHEARD = "dnsmasq[22]: failed to create listening socket for port 53: Address already in use"
UNFOUND = "getaddrinfo EAI_AGAIN shop.example"
# who complains besides the prober, what its checks say, and whether that is trouble of the prober's own
RESOLVERS: dict[str, tuple[str, str, bool]] = {
    "its resolver": ("dnsmasq", UNFOUND, True),
    "another resolver": ("unbound.service", UNFOUND, True),
    "somebody who serves pages": ("shop-api", UNFOUND, False),
    "the target itself": ("", UNFOUND, False),
    "its names are found": ("dnsmasq", NO_WAY, False),
}


@pytest.mark.parametrize("name", RESOLVERS)
def test_a_resolver_that_does_not_start_where_it_is_asked_from_is_set_wrong_there_alone(name: str):
    who, error, well = RESOLVERS[name]
    pages = [
        _line(f'10.0.{n}.9 - - [21/Nov/2026:03:09:0{n} +0000] "GET / HTTP/1.1" 200 512', -n / 10, "nginx")
        for n in range(6)
    ]
    facts = _facts(error, 8, STEADY, *pages)
    asks = [_line(f"Monitor {n}: Failing: {error}", -n, "uptime-kuma") for n in range(3)]
    facts = replace(facts, lines=[_line(UNHEARD, -8, who), *(replace(one, level=None) for one in [*asks, *pages])])
    found = probers_own(facts, ["config_error"])
    assert (found is not None) is well
    assert found is None or "listening socket" in found.statement
