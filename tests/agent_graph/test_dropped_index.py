"""Statements that run long since an index went are told with it; others are not."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.signatures.slow_query import match
from tests.agent_graph.cases import NOW, alert, case

SLOW = 'duration: 8123.4 ms  statement: SELECT * FROM parcels WHERE barcode = $1 /* "msg":"Slow query" */'
# what was done, how long ago, how long ago statements were slow, whether that is told, whether it is enough
TABLE: dict[str, tuple[str, float, tuple[float, ...], bool, bool]] = {
    "logged": ("LOG: statement: DROP INDEX CONCURRENTLY parcels_barcode_idx", 20, (19, 16, 12, 8, 4, 1), True, True),
    "mysql": ("ALTER TABLE parcels DROP KEY k_barcode", 20, (19, 16, 12, 8, 4, 1), True, True),
    "hidden": ("ALTER TABLE parcels ALTER INDEX k_barcode INVISIBLE", 20, (19, 16, 12, 8, 4, 1), True, True),
    "announced": ("deploy parcels-api: 4.1 (remove two unused indexes)", 20, (19, 16, 12, 8, 4, 1), True, True),
    "slow twice": ("DROP INDEX parcels_barcode_idx", 20, (19, 1), True, False),
    "over": ("DROP INDEX parcels_barcode_idx", 40, (39, 36, 32, 28, 24, 20), True, False),
    "slow before": ("DROP INDEX parcels_barcode_idx", 20, (50, 40, 30, 19, 8, 1), False, False),
    "after it": ("DROP INDEX parcels_barcode_idx", 3, (50, 40, 30, 19, 8, 5), False, False),
    "long ago": ("DROP INDEX parcels_barcode_idx", 600, (19, 16, 12, 8, 4, 1), False, False),
    "made again": ("REINDEX: DROP INDEX parcels_barcode_idx_ccold", 20, (19, 16, 12, 8, 4, 1), False, False),
    "another thing": ("config parcels-api: index page title", 20, (19, 16, 12, 8, 4, 1), False, False),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_index_that_went_is_told(name: str):
    what, ago, slow, told, enough = TABLE[name]
    done = LogLine("E4", what, what, None, NOW - timedelta(minutes=ago), 1)
    lines = [LogLine("E2", SLOW, SLOW, "info", NOW - timedelta(minutes=one), 1) for one in slow]
    finding = match(Facts(case(alerts=[alert()]), lines=lines, changes=[done]))
    assert finding is not None
    assert ("An index went before it" in finding.statement) == told
    assert any(c.evidence == "E4" for c in finding.supporting) == told
    assert (finding.strength != "weak") == enough
