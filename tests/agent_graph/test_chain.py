"""A chain of services is followed to the one that is away, by what each says of the next; nobody is blamed unnamed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.context.chain import links
from agent_graph.analysts.rules.context.fallen import fallen
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.well.wellness import healthy
from backend.investigation.kinds import Citation
from tests.agent_graph.cases import BEGAN, case


def _line(speaker: str, text: str) -> LogLine:
    return LogLine("E2", text, text, "error", BEGAN, 1, speaker)


def _away(name: str, quote: str, category: str = "other_down") -> Sign:
    return Sign("E3", "kubernetes", category, "strong", quote, name, BEGAN - timedelta(minutes=5), "")


MIDDLE = _line("orders-5d9f7c6b8d-4kqzd", "could not open a session: orders-mongo-0.orders-mongo:27017 refused")
DAILY = _line("billing-7d9f8b6c5-x2x4z", "cannot reach mailhog:1025")
AWAY = _away("orders-mongo-0", "pod orders-mongo-0: 0/1 containers ready; CrashLoopBackOff")
OFF = _away("mailhog", "deployment mailhog: 0 of 0 replicas ready; it wants none", "other_off")
COMPOSE = _line("shop-api-1", "getaddrinfo EAI_AGAIN: connect to cache:6379 failed")
CACHE = _away("shop-cache-1", "shop-cache-1 (sibling, service cache): exited, exit code 1")

CHAINS: dict[str, tuple[str, str, list[LogLine], list[Sign], str]] = {
    "who stands between misses one that is away": (
        *("gateway", "gateway cannot reach orders:8080"),
        *([MIDDLE], [AWAY, OFF], AWAY.quote),
    ),
    "in a compose project by the names of its services": (
        *("shop-web-1", "shop-web-1 cannot reach api:3000"),
        *([COMPOSE], [CACHE], CACHE.quote),
    ),
    "named beside an address": (
        *("gateway", "gateway cannot reach 10.96.0.7:27017 (orders-mongo:27017)"),
        *([], [AWAY], AWAY.quote),
    ),
    "nobody of the chain is away": ("gateway", "gateway cannot reach orders:8080", [MIDDLE], [OFF], ""),
    "who is away is missed by somebody else": (
        *("gateway", "gateway cannot reach orders:8080"),
        *([DAILY], [OFF], ""),
    ),
}


@pytest.mark.parametrize("name", CHAINS)
def test_the_last_link_that_is_away_is_named(name: str):
    target, statement, lines, signs, quote = CHAINS[name]
    cited = [Citation(evidence="E1", quote="upstream failed")]
    finding = Finding("dependency_failure", statement, cited, "strong", onset=BEGAN)
    told = list(links(finding, Facts(case(target), around=lines, signs=signs)))
    assert (told[-1][1].quote if told else "") == quote


_CACHE = "shop-cache-7d9f8b6c5-x2x4z"
# name: what is complained of, who ended, how many minutes after the alert, its own settings, is it told
FALLS: dict[str, tuple[str, str, int, list[str], bool]] = {
    "who is missed had ended": ("UnableToConnect on shop-cache:6379", _CACHE, 2, [], True),
    "set to be needed": ("cannot store the session", _CACHE, 2, ["shop-cache:6379"], True),
    "somebody else had": ("UnableToConnect on shop-db:5432", _CACHE, 2, [], False),
    "long before": ("UnableToConnect on shop-cache:6379", _CACHE, -45, [], False),
    "the target itself": ("web:8080 refused", "web-7d9f8b6c5-x2x4z", 2, [], False),
}


@pytest.mark.parametrize("name", FALLS)
def test_who_is_missed_and_answers_again_had_ended(name: str):
    text, who, minutes, needs, wanted = FALLS[name]
    ended = Sign("E3", "kubernetes", "other_ended", "weak", f"pod {who}: OOMKilled", who, None, f"{who} was OOMKilled")
    ended = replace(ended, at=BEGAN + timedelta(minutes=minutes))
    finding = Finding("dependency_failure", "web misses it", [Citation(evidence="E1", quote=text)], "strong", BEGAN)
    told = list(fallen(finding, Facts(case(), signs=[ended], platform={"needs": needs})))
    assert [cite.quote for _, cite in told] == ([ended.quote] if wanted else [])
    assert not list(fallen(replace(finding, category="slow_query"), Facts(case(), signs=[ended])))


@pytest.mark.parametrize(("who", "wanted"), [("shop-cache", False), ("shop-db", True)])
def test_an_alarm_is_no_noise_while_a_neighbour_falls_and_is_measured_to(who: str, wanted: bool):
    good = [Sign("E2", "kubernetes", "healthy", "strong", f"pod web-{n}: ready", f"web-{n}", None, "") for n in (1, 2)]
    ended = Sign("E2", "kubernetes", "other_ended", "weak", f"pod {_CACHE}: OOMKilled", _CACHE, BEGAN, "")
    beside = Sign("E3", "prometheus", "elsewhere:dependency_failure", "strong", f"{who}: restarts", who, BEGAN, "")
    assert (healthy(Facts(case(), signs=[*good, ended, beside])) is not None) == wanted
