"""A burst of failed answers that was felt is over once it is gone; a few among many never were one."""

import pytest

from tests.agent_graph.test_metric_shapes import always, series, signs, until

OVER = ("trouble_over", "strong")


@pytest.mark.parametrize(("failed", "over"), [(70.0, True), (2.0, False)])
def test_a_burst_that_is_gone_is_over(failed: float, over: bool):
    served = series("requests_rate1m", always(300), host="shop", status="200")
    lost = series("requests_rate1m", until(failed, 0), host="shop", status="502")
    assert (OVER in signs(served, lost)) is over


def test_a_burst_that_goes_on_is_not():
    served = series("requests_rate1m", always(300), host="shop", status="200")
    lost = series("requests_rate1m", lambda n: 70.0 if n >= -1 else 0.0, host="shop", status="502")
    found = signs(served, lost)
    assert OVER not in found
    assert ("trouble", "strong") in found
