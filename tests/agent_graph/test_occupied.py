"""A pool that is full of those who wait for one slow statement: that is the cause, and stale statistics are its own."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.platform_remedies import options
from agent_graph.analysts.rules.reading import read
from agent_graph.sources.postgres.state import evidence_of
from backend.investigation.kinds import CaseFile, Evidence
from tests.agent_graph.cases import NOW, alert, case, logs

LONG = "select price from tariff_line join zone on zone.id = zone_id where version = $1"
REFUSED = "ERROR pool-1 - Connection is not available, request timed out after 30000ms (total=30, active=30, idle=0)"
STATEMENTS = [
    {"query": LONG, "calls": 1200, "mean_exec_time": 48_000.0, "total_exec_time": 57_600_000.0},
    {"query": "select 1", "calls": 40_000, "mean_exec_time": 0.2, "total_exec_time": 8_000.0},
]
LOADED = {
    "schemaname": "public",
    "relname": "tariff_line",
    "n_live_tup": 21_000,
    "n_mod_since_analyze": 2_900_000,
    "last_analyze": None,
    "last_autoanalyze": "2026-06-01T05:12:09Z",
}


def _sessions(state: str, query: str) -> list[dict[str, Any]]:
    began = (NOW - timedelta(seconds=40)).isoformat()
    kept = {"state": state, "query": query, "query_start": began, "xact_start": began, "state_change": began}
    return [{"pid": 100 + n, "usename": "app", "datname": "shop", "client_addr": "10.0.0.4", **kept} for n in range(30)]


def _seen(sessions: Sequence[dict[str, Any]], tables: Sequence[dict[str, Any]]) -> list[Evidence]:
    rows = {"pg_stat_activity": [*sessions], "pg_stat_statements": STATEMENTS, "pg_stat_user_tables": [*tables]}
    found = [*evidence_of(_case(), rows, "rows"), logs(*[REFUSED] * 12)]
    return [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)]


def _case() -> CaseFile:
    return case("shop", source_type="database", runtime=None, alerts=[alert()])


# sessions, what they are at; which category that is
KEPT = {
    "at the statement": ("active", LONG, "slow_query"),
    "idle in a transaction": ("idle in transaction", "select 1", "connection_exhaustion"),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_fills_the_pool_is_the_cause(name: str):
    state, query, category = KEPT[name]
    draft = analyse(_case(), _seen(_sessions(state, query), []))
    assert draft.category == category
    assert ("30 of 30 active sessions run the same" in draft.root_cause) == (state == "active")


# rows changed since the last analyze; whether an ANALYZE is proposed
CHANGED = {"loaded anew": (2_900_000, True), "a tenth": (90_000, False)}


@pytest.mark.parametrize("name", CHANGED)
def test_a_table_that_changed_since_it_was_analyzed_is_analyzed(name: str):
    changed, proposed = CHANGED[name]
    seen = _seen(_sessions("active", LONG), [{**LOADED, "n_mod_since_analyze": changed}])
    assert analyse(_case(), seen).category == "slow_query"
    kinds = [option.kind for option in options(read(_case(), seen), "slow_query")]
    assert ("postgres.analyze_table" in kinds[:1]) == proposed
