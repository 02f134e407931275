"""Actions on Kubernetes and PostgreSQL only reach what was seen to exist and belongs to the incident."""

from typing import Any

import pytest

from agent_graph.safety.proposal import guard
from agent_graph.sources.postgres.state import evidence_of
from backend.investigation.kinds import Evidence, Proposal
from tests.agent_graph.cases import NOW, case

SESSIONS: list[dict[str, Any]] = [
    {"pid": 10, "state": "idle in transaction", "datname": "shop", "xact_start": NOW.isoformat(), "query": "x"},
    {"pid": 11, "state": "active", "wait_event_type": "Lock", "blocked_by": [10], "query": "y"},
    {"pid": 12, "state": "active", "wait_event_type": "Lock", "blocked_by": [11], "query": "z"},
]


def _state() -> list[Evidence]:
    found = evidence_of(case("shop", source_type="database", runtime=None), {"pg_stat_activity": SESSIONS}, "rows")
    return [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)]


def _terminate(pid: int, target: str | None = None) -> Proposal:
    return Proposal(
        kind="postgres.terminate_backend",
        params={"pid": pid},
        target=target or f"pid {pid}",
        rationale="",
        evidence=["E1"],
    )


def test_the_root_of_a_queue_is_the_blocker_not_the_ones_between():
    assert [b["pid"] for b in _state()[0].data["blockers"]] == [10]


@pytest.mark.parametrize(
    ("proposal", "reason"),
    [
        (_terminate(10), None),
        (_terminate(11), "was not seen to exist"),
        (_terminate(99), "was not seen to exist"),
        (_terminate(10, "pid 99"), "not what its parameters name"),
    ],
)
def test_only_the_blocker_may_be_ended(proposal: Proposal, reason: str | None):
    refused = guard(proposal, case("shop", source_type="database", runtime=None), _state())
    assert (refused is None) == (reason is None)
    assert refused is None or (reason and reason in refused.reason)
