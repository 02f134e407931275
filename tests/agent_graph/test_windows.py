"""What a long window still counts is over where the short one says so, however the two are told apart."""

from dataclasses import replace

import pytest

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.analysts.rules.windows import without_echoes
from tests.agent_graph.cases import BEGAN, case

# The long window's series, the short one's; is the long one's trouble only an echo
SERIES: dict[str, tuple[str, str, bool]] = {
    "in the name": ('errors:ratio_rate1h{app="web"}', 'errors:ratio_rate5m{app="web"}', True),
    "in a label": ('slo_errors{app="web", window="1h"}', 'slo_errors{app="web", window="5m"}', True),
    "in a label before others": ('burn_rate{lookback="6h", slo="up"}', 'burn_rate{lookback="30m", slo="up"}', True),
    "in the only label": ('burn_rate{window="3d"}', 'burn_rate{window="6h"}', True),
    "of another service": ('slo_errors{app="web", window="1h"}', 'slo_errors{app="shop", window="5m"}', False),
    "the longer one is back": ('slo_errors{app="web", window="5m"}', 'slo_errors{app="web", window="1h"}', False),
    "no window at all": ('slo_errors{app="web", zone="a1h"}', 'slo_errors{app="web", zone="a5m"}', False),
}


@pytest.mark.parametrize("name", SERIES)
def test_a_long_window_echoes_what_the_short_one_has_seen_end(name: str):
    high, back, echo = SERIES[name]
    signs = [
        Sign("E1", "prometheus", "trouble", "strong", f"{high}: 0 → 0.01", "web", BEGAN, "it is high"),
        Sign("E1", "prometheus", "trouble_over", "strong", f"{back}: 0 → 0, highest 0.2", "web", BEGAN, "it is back"),
    ]
    seen = without_echoes(replace(Facts(case()), signs=signs))
    assert (seen.signs[0].category == "trouble_over") == echo
