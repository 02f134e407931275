"""What one end of a stream passes on and the other does not count is lost, or counted otherwise: who knows."""

import pytest

from agent_graph.analysts.rules.ends import ends_differ
from agent_graph.analysts.rules.facts import Facts, Metric
from tests.agent_graph.cases import NOW, case

OUT, IN = 'orders_forwarded:increase10m{{store="{}"}}', 'hq_orders_received:increase10m{{store="{}"}}'


def _metric(called: str, before: float, since: float) -> Metric:
    points = [(NOW.timestamp() - 60 * n, before if n > 20 else since) for n in range(59, -1, -1)]
    changed = NOW if before != since else None
    return Metric("E5", "other", f"{called}: {before} → {since}", points, None, changed)


REFUSED = _metric('upstream_non200:increase10m{store="1"}', 0, 4)
QUEUED = _metric('bridge_queue{store="1"}', 0, 40)
# What leaves the one end, before and since; what reaches the other; whose, and what else is counted; do they differ
COUNTS: dict[str, tuple[tuple[float, float], tuple[float, float], str, list[Metric], bool]] = {
    "fewer arrive than are passed on": ((26, 27), (26, 16), "1", [], True),
    "fewer are passed on": ((26, 16), (26, 16), "1", [], False),
    "as many arrive": ((26, 27), (26, 25), "1", [], False),
    "they never agreed": ((26, 27), (18, 12), "1", [], False),
    "somebody else's": ((26, 27), (26, 16), "2", [], False),
    "the one end says that some are refused": ((26, 27), (26, 16), "1", [REFUSED], False),
    "they wait": ((26, 27), (26, 16), "1", [QUEUED], False),
}


@pytest.mark.parametrize("name", COUNTS)
def test_two_counts_of_one_stream_that_differ_leave_open_where_the_rest_is(name: str):
    leaves, reaches, store, more, differ = COUNTS[name]
    metrics = [_metric(OUT.format("1"), *leaves), _metric(IN.format(store), *reaches), *more]
    found = ends_differ(Facts(case(), metrics=metrics))
    assert (found is not None) == differ
    assert found is None or "orders_forwarded" in found.contradicting[0].quote
