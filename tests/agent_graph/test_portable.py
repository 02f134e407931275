"""A laptop that is closed is not down, where all others are there; a site, a server or several of them are."""

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.portable import portable_away
from tests.agent_graph.cases import BEGAN, NOW, alert, case

HEARD, SILENT = [50.0, 90.0, 70.0] * 10, [*([60.0, 80.0] * 8), *(300.0 * n for n in range(1, 15))]
UP, DOWN = [1.0] * 30, [1.0] * 20 + [0.0] * 10


def _peer(peer: str, kind: str, *values: float, called: str = "vpn_seconds_since_last_handshake") -> Metric:
    points = [(NOW.timestamp() - 300 * (len(values) - n - 1), value) for n, value in enumerate(values)]
    return Metric("E5", "other", f'{called}{{peer="{peer}", type="{kind}"}}: 1 → 2', points, None, None)


def _facts(*metrics: Metric, kind: str = "roadwarrior", summary: str = "no handshake for 15 minutes") -> Facts:
    fired = alert(name="PeerStale", labels={"alertname": "PeerStale", "peer": "21", "type": kind})
    fired = fired.model_copy(update={"annotations": {"summary": summary}})
    return Facts(case(alerts=[fired]), metrics=list(metrics))


SITES = (_peer("3", "site", *HEARD), _peer("5", "site", *HEARD))
GONE = _peer("21", "roadwarrior", *SILENT)
CASES: dict[str, tuple[Facts, bool]] = {
    "a laptop is closed": (_facts(GONE, *SITES), True),
    "a phone is not registered any more": (
        _facts(
            _peer("21", "softphone", *DOWN, called="sip_peer_online"),
            *(_peer(str(n), "desk", *UP, called="sip_peer_online") for n in range(3)),
            kind="softphone",
        ),
        True,
    ),
    "a site is silent": (_facts(_peer("21", "site", *SILENT), *SITES, kind="site"), False),
    "a site is silent, too": (_facts(GONE, *SITES, _peer("8", "site", *SILENT)), False),
    "nobody else is measured": (_facts(GONE, SITES[0]), False),
    "it is heard of again": (_facts(_peer("21", "roadwarrior", *SILENT[:-1], 20.0), *SITES), False),
    "it was never there": (_facts(_peer("21", "roadwarrior", *(9e6 + 300 * n for n in range(30))), *SITES), False),
    "it is of many": (_facts(GONE, *SITES, summary="30% of peers have no handshake"), False),
    "it is of another": (_facts(_peer("22", "roadwarrior", *SILENT), *SITES), False),
    "it is no sign of life": (
        _facts(_peer("21", "roadwarrior", *SILENT, called="queue_bytes"), *SITES),
        False,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_who_closes_a_laptop_breaks_nothing(name: str):
    facts, well = CASES[name]
    assert (portable_away(facts, []) is not None) is well


def test_it_is_no_reason_against_other_trouble():
    facts = _facts(GONE, *SITES)
    assert portable_away(facts, ["network_error"]) is None
    trouble = Sign("E5", "prometheus", "trouble", "strong", "dropped_packets{}: 0 → 9", "web", BEGAN, "too much")
    assert portable_away(Facts(facts.case, metrics=facts.metrics, signs=[trouble]), []) is None
    said = [LogLine("E2", f"{n}", f"ERROR no route {n}", "error", NOW, 5) for n in range(5)]
    assert portable_away(Facts(facts.case, metrics=facts.metrics, lines=said), []) is None
