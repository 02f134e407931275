"""Remedies on Kubernetes and PostgreSQL: what helps against which cause, from the state that was seen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agent_graph.analysts.rules.context.beforehand import BEFORE_IT
from agent_graph.analysts.rules.context.switches import SET_DIFFERENTLY
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.grown import grown
from agent_graph.analysts.rules.held_by import held_by_another
from agent_graph.analysts.rules.parts import trouble_signals
from agent_graph.analysts.rules.signatures.kept_killing import is_restarted_for_it
from agent_graph.analysts.rules.signatures.memory_pressure import beyond_fresh_processes
from agent_graph.analysts.rules.signatures.no_ports import no_ports
from agent_graph.analysts.rules.tried_already import tried_already
from backend.action.kinds import CATALOGUE
from backend.investigation.kinds import Category

# What came with a new revision goes with it.
_ROLLBACK: frozenset[Category] = frozenset(
    {
        "bad_deploy",
        "image_pull_error",
        "config_error",
        "app_crash",
        "restart_loop",
        "probe_failure",
        "permission_denied",
        "oom",
    }
)
# A crashed container is started again by its kubelet: fresh pods help those that live on and do not work.
_RESTART: frozenset[Category] = frozenset({"connection_exhaustion", "memory_pressure"})
# Credentials that others changed or that ran out are in no revision: the one before has the same.
_NOT_OF_A_REVISION = re.compile(
    r"rotat|authentication failed|invalid credentials|invalid (?:api )?key|expired|login failed|\b401\b",
    re.IGNORECASE,
)
# Errors that the same code makes again of the same input, whatever process runs it.
_CODE_AT_FAULT = re.compile(
    r"TypeError|ParseError|SyntaxError|AttributeError|NameError|ImportError|ModuleNotFound"
    r"|undefined ?(?:function|method)|NoSuch(?:Method|Field)|ClassNotFound|NoClassDefFound|NoMethodError"
    r"|LinkageError|must be of type|is not a function|cannot find module|(?:class|function) .{1,80} not found",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Option:
    """A kind with its parameters, and why it helps."""

    kind: str
    params: dict[str, Any]
    why: str

    @property
    def target(self) -> str:
        return CATALOGUE[self.kind].params.model_validate(self.params).subject()


def options(facts: Facts, category: Category, cause: str = "", *, measured: bool = False) -> Iterator[Option]:
    """The best first; nothing where nothing safe helps, or nothing is wrong any more. `cause`: as it was concluded.

    `measured`: it is sure, and rests on more than words.
    """
    yield from _postgres(facts, category)
    if not (measured or trouble_signals(facts)) and category not in ("oom", "config_error"):
        return
    for workload in facts.platform.get("workloads", [])[:1]:
        yield from _workload(facts, category, workload, cause)
    if category == "node_failure":
        for name in sorted(facts.scope):
            if name.startswith("node/"):
                yield Option("kubernetes.cordon_node", {"node": name[5:]}, "No new pod should land on this node.")


def _workload(facts: Facts, category: Category, workload: dict[str, Any], cause: str) -> Iterator[Option]:
    where = {"namespace": workload["namespace"], "workload": workload["kind"], "name": workload["name"]}
    deployment = {"namespace": workload["namespace"], "deployment": workload["name"]}
    newer = workload["kind"] == "deployment" and not workload.get("first")
    if category in _ROLLBACK and newer and came_with_a_revision(facts, cause):
        rollout = facts.platform.get("rollout")
        revision = {"to_revision": rollout["to_revision"]} if rollout and rollout.get("to_revision") else {}
        yield Option(
            "kubernetes.rollback_deployment", {**deployment, **revision}, "The revision before it worked; it goes back."
        )
    before = facts.platform.get("scaled_from")
    if before and not workload["replicas"] and workload["kind"] == "deployment":
        yield Option("kubernetes.scale_deployment", {**deployment, "replicas": before}, "It ran with as many before.")
    if category == "oom" and (bigger := _bigger(workload, "memory")):
        why = "Its limit is below what it needs; twice as much gives it room."
        yield Option("kubernetes.patch_resources", {**where, **bigger}, why)
    if category == "cpu_throttling" and (bigger := _bigger(workload, "cpu")):
        yield Option("kubernetes.patch_resources", {**where, **bigger}, "It is held back by its own CPU limit.")
    if category == "cpu_throttling" and workload["kind"] == "deployment" and workload["replicas"]:
        more = {**deployment, "replicas": workload["replicas"] + 1}
        yield Option("kubernetes.scale_deployment", more, "One more replica shares the load.")
    stuck = category == "probe_failure" and facts.platform.get("wedged")
    if beyond_a_restart(facts, category, cause):
        return
    larger = grown(facts, str(workload["name"])) if category == "connection_exhaustion" else None
    if larger is not None:
        # What a server has to give is given to as many processes again, however fresh they are.
        if larger.before and workload["kind"] == "deployment" and larger.before < (workload["replicas"] or 0):
            fewer = {**deployment, "replicas": larger.before}
            yield Option("kubernetes.scale_deployment", fewer, "With as many before, connections sufficed.")
        return
    if (category in _RESTART or stuck) and workload["kind"] == "deployment" and workload["replicas"]:
        yield Option("kubernetes.rollout_restart", where, "Fresh processes clear their state.")


def beyond_a_restart(facts: Facts, category: Category, cause: str) -> bool:
    """Is what ran out with somebody else, or is it the code itself? A fresh process has no more, and the same code."""
    if category == "app_crash" and facts.target is not None:
        return _CODE_AT_FAULT.search(cause) is not None if facts.target.running else tried_already(facts)
    if category == "probe_failure" and is_restarted_for_it(facts):
        return True
    if category == "memory_pressure":
        return beyond_fresh_processes(facts)
    others = held_by_another(facts) is not None or no_ports(facts) is not None
    return category == "connection_exhaustion" and others


def came_with_a_revision(facts: Facts, cause: str) -> bool:
    """A new revision, or a deploy that somebody registered, just before; not what no revision holds, and not what came
    with a change of something else."""
    if _NOT_OF_A_REVISION.search(cause) or BEFORE_IT in cause or SET_DIFFERENTLY in cause:
        return False
    return bool(facts.platform.get("rollout") or facts.platform.get("deploys"))


def _bigger(workload: dict[str, Any], what: str) -> dict[str, Any] | None:
    """The first container with such a limit, and twice that limit."""
    for container in workload["containers"]:
        limit = str(container["limits"].get(what) or "")
        match = re.fullmatch(r"(\d+)(m|Ki|Mi|Gi|K|M|G)?", limit)
        if match:
            return {"container": container["name"], f"{what}_limit": f"{int(match[1]) * 2}{match[2] or ''}"}
    return None


def _postgres(facts: Facts, category: Category) -> Iterator[Option]:
    if category == "lock_contention":
        for blocker in facts.platform.get("blockers", [])[:1]:
            if str(blocker.get("state") or "").startswith("active"):
                yield Option("postgres.cancel_query", {"pid": blocker["pid"]}, "It holds what the others wait for.")
            yield Option("postgres.terminate_backend", {"pid": blocker["pid"]}, "It holds what the others wait for.")
    idle = facts.platform.get("idle_in_transaction", [])
    if category in ("connection_exhaustion", "lock_contention") and idle and idle[0].get("database"):
        # A minute less than the youngest of them has been idle: those, and nobody who is still at work.
        oldest = max(10, int(min(one["seconds"] for one in idle)) - 1)
        params = {"database": idle[0]["database"], "older_than_seconds": min(oldest, 86_400)}
        yield Option("postgres.terminate_idle_in_transaction", params, "Transactions nobody works in hold the slots.")
    if category == "replication_lag":
        for holder in facts.platform.get("replay_held_by", [])[:1]:
            yield Option("postgres.cancel_query", {"pid": holder["pid"]}, "The replica does not go on before it ends.")
    if category == "slow_query":
        for table in facts.platform.get("outdated_statistics", [])[:1]:
            params = {"table": table["table"], "table_schema": table["schema"]}
            yield Option("postgres.analyze_table", params, "The planner takes its rows for what they were long ago.")
        for runaway in facts.platform.get("runaway", [])[:1]:
            yield Option("postgres.cancel_query", {"pid": runaway["pid"]}, "The statement takes what others need.")
        for table in facts.platform.get("bloated", [])[:1]:
            params = {"table": table["table"], "table_schema": table["schema"]}
            yield Option("postgres.vacuum_table", params, "Dead rows make every scan longer.")
