"""A replica by the clock is as old as the last change: whose the clock is decides whether another row may deny it."""

from dataclasses import replace
from typing import Any

import pytest

from agent_graph.analysts.rules.contradictions import settled
from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.sources.postgres.state import evidence_of
from agent_graph.sources.signs import when
from tests.agent_graph.cases import case

STREAMS = {"state": "streaming", "sent_lsn": "5A/91C02F10", "replay_lsn": "5A/91C02F10"}
OLD = {"in_recovery": True, "last_xact_replay_timestamp": "2026-11-21T02:10:00Z"}

# Who streams all there is, who is an hour old by the clock; is it thought to be behind
ROWS: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "the same, by node": ({"application_name": "shop_pg_2"}, {"node": "shop-pg-2"}, False),
    "the same, by server": ({"application_name": "shop-pg-2"}, {"server": "shop-pg-2"}, False),
    "another": ({"application_name": "shop_pg_2"}, {"node": "shop-pg-3"}, True),
    "who knows whom": ({"application_name": "shop_pg_2"}, {}, True),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_clock_is_denied_for_the_replica_that_it_is_of(name: str):
    streams, old, behind = ROWS[name]
    documents = {"pg_stat_replication": [{**STREAMS, **streams}], "recovery": [{**OLD, **old}]}
    rows = [sign for one in evidence_of(case("shop"), documents, "rows") for sign in one.data["signs"]]
    signs = [Sign("E1", "postgres", *_of(row)) for row in rows]
    seen = settled(replace(Facts(case("shop")), signs=signs))
    assert bool(seen.signs_of("replication_lag")) == behind


def _of(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["category"], row["weight"], row["quote"], row["subject"], when(row["at"]), row["means"]
