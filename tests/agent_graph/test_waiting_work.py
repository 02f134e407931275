"""Work that waits for its turn is a queue: it waits for no lock, and for no connection of a pool."""

import pytest

from agent_graph.sources.measures import measures_of
from tests.agent_graph.cases import case
from tests.agent_graph.test_metric_shapes import series, since

ROLES: dict[str, str] = {
    "spool_jobs_waiting": "queue",
    "print_tasks_waiting": "queue",
    "app_queues_thumbnails_waiting": "queue",
    "db_pool_connections_waiting": "pool_waits",
    "pgbouncer_pools_client_waiting_connections": "pool_waits",
    "pg_locks_waiting": "locks",
    "lock_queue_waiting": "locks",
    "innodb_row_lock_queue_waiting": "locks",
    "mssql_blocked_sessions": "locks",
    "block_tasks_waiting": "queue",
}


@pytest.mark.parametrize("name", ROLES)
def test_what_waits_is_told_by_what_it_waits_for(name: str):
    found = measures_of(case(), [series(name, since(0, 900))])
    assert [one.role for one in found] == [ROLES[name]]


@pytest.mark.parametrize(("kind", "role"), [("LCK_M_X", "locks"), ("ASYNC_IO", "pool_waits")])
def test_tasks_that_wait_for_a_lock_by_their_label_wait_for_a_lock(kind: str, role: str):
    found = measures_of(case(), [series("mssql_waiting_tasks", since(0, 900), wait_type=kind)])
    assert [one.role for one in found] == [role]
