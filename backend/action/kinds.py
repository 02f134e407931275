"""The closed catalogue of remediations, and what passes between those who propose, preview and run them."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from backend.action import params as p
from backend.action.by_hand import fill
from backend.action.params import CallHookParams, ContainerParams, Params, RestartContainerParams

__all__ = [
    "CATALOGUE",
    "ActionKind",
    "CallHookParams",
    "Change",
    "ContainerParams",
    "ExecutionOutcome",
    "Params",
    "Preview",
    "Proposal",
    "RestartContainerParams",
    "Result",
    "Risk",
    "Verification",
    "VerificationCheck",
]

Risk = Literal["low", "medium", "high"]
ExecutionOutcome = Literal["succeeded", "failed", "unknown"]
Verification = Literal["recovered", "not_recovered", "inconclusive"]


@dataclass(frozen=True)
class ActionKind:
    """One entry of the vocabulary. Its runner is in actions/runners/; without one it is advice.

    `by_hand`: how a person does the same, a template of backend/action/by_hand.py.
    """

    kind: str
    title: str
    params: type[Params]
    risk: Risk
    idempotent: bool
    inverse: str
    verify_plan: str
    settle_seconds: float
    by_hand: str

    def command(self, params: Params) -> str:
        """How one would do exactly this by hand."""
        return fill(self.by_hand, params)

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema of the parameters, for the API, the form in the UI and the model."""
        return self.params.model_json_schema()


_CONTAINER = (
    "The container runs, is healthy if it has a health check, and does not restart again; "
    "the alert or monitor recovers."
)
_WORKLOAD = "All replicas are updated and ready, none restarts again; the alert or monitor recovers."
_SERVER = "Nothing waits for it any more; the alert or monitor recovers."


def _kind(
    kind: str,
    title: str,
    params: type[Params],
    risk: Risk,
    inverse: str,
    verify: str,
    settle: float = 30,
    *,
    by_hand: str,
    idempotent: bool = False,
) -> ActionKind:
    return ActionKind(kind, title, params, risk, idempotent, inverse, verify, settle, by_hand)


_KINDS = (
    _kind(
        "docker.restart_container",
        "Restart container",
        p.RestartContainerParams,
        "medium",
        "A restart cannot be undone. In-memory state and open connections of the container are lost.",
        _CONTAINER,
        by_hand="docker restart -t {stop_timeout_seconds} {container}",
    ),
    _kind(
        "docker.start_container",
        "Start container",
        ContainerParams,
        "low",
        "Stop the container again: docker stop NAME.",
        _CONTAINER,
        by_hand="docker start {container}",
        idempotent=True,
    ),
    _kind(
        "docker.stop_container",
        "Stop container",
        p.RestartContainerParams,
        "high",
        "Start the container again: docker start NAME. In-memory state is lost.",
        "The container does not run, and what it disturbed recovers.",
        by_hand="docker stop -t {stop_timeout_seconds} {container}",
        idempotent=True,
    ),
    _kind(
        "docker.rollback_container",
        "Roll back container",
        p.RollbackContainerParams,
        "high",
        "Recreate the container from the image it runs on now.",
        _CONTAINER,
        60,
        by_hand="docker pull {image}, then name this image where {container} is defined, and docker compose up -d",
    ),
    _kind(
        "docker.update_limits",
        "Change limits of container",
        p.UpdateLimitsParams,
        "medium",
        "Set the limits back to what the preview shows.",
        _CONTAINER,
        60,
        by_hand="docker update[ --memory {memory_bytes} --memory-swap {memory_bytes}][ --cpus {cpus}] {container}",
        idempotent=True,
    ),
    _kind(
        "docker.prune",
        "Remove unused",
        p.PruneParams,
        "medium",
        "It cannot be undone; images can be pulled again.",
        "The disk has room again; the alert or monitor recovers.",
        by_hand="docker {docker_object} prune --filter until={older_than_hours}h",
        idempotent=True,
    ),
    _kind(
        "kubernetes.rollout_restart",
        "Restart",
        p.WorkloadParams,
        "medium",
        "A restart cannot be undone. In-memory state of the pods is lost.",
        _WORKLOAD,
        120,
        by_hand="kubectl -n {namespace} rollout restart {workload}/{name}",
    ),
    _kind(
        "kubernetes.rollback_deployment",
        "Roll back",
        p.RollbackDeploymentParams,
        "high",
        "Roll forward to the revision the preview shows: kubectl rollout undo --to-revision.",
        _WORKLOAD,
        120,
        by_hand="kubectl -n {namespace} rollout undo deployment/{deployment}[ --to-revision={to_revision}]",
    ),
    _kind(
        "kubernetes.scale_deployment",
        "Scale",
        p.ScaleDeploymentParams,
        "medium",
        "Scale back to the number of replicas the preview shows.",
        _WORKLOAD,
        120,
        by_hand="kubectl -n {namespace} scale deployment/{deployment} --replicas={replicas}",
        idempotent=True,
    ),
    _kind(
        "kubernetes.delete_pod",
        "Delete pod",
        p.PodParams,
        "medium",
        "It cannot be undone; the owner of the pod makes a new one.",
        _WORKLOAD,
        60,
        by_hand="kubectl -n {namespace} delete pod {pod}",
        idempotent=True,
    ),
    _kind(
        "kubernetes.patch_resources",
        "Change limits of",
        p.PatchResourcesParams,
        "medium",
        "Set the limits back to what the preview shows.",
        _WORKLOAD,
        120,
        by_hand="kubectl -n {namespace} set resources {workload}/{name} -c {container} --limits={limits}",
        idempotent=True,
    ),
    _kind(
        "kubernetes.cordon_node",
        "Cordon",
        p.NodeParams,
        "medium",
        "kubectl uncordon NODE.",
        "No new pod is placed on the node; the pods elsewhere are ready.",
        by_hand="kubectl cordon {node}",
        idempotent=True,
    ),
    _kind(
        "kubernetes.uncordon_node",
        "Uncordon",
        p.NodeParams,
        "medium",
        "kubectl cordon NODE.",
        "Pending pods are placed and become ready.",
        60,
        by_hand="kubectl uncordon {node}",
        idempotent=True,
    ),
    _kind(
        "kubernetes.suspend_cronjob",
        "Suspend",
        p.CronJobParams,
        "medium",
        "Resume the cron job. Runs that were due meanwhile are not made up for.",
        "No new run starts; the alert or monitor recovers.",
        by_hand='kubectl -n {namespace} patch cronjob {cronjob} -p \'{{"spec":{{"suspend":true}}}}\'',
        idempotent=True,
    ),
    _kind(
        "kubernetes.resume_cronjob",
        "Resume",
        p.CronJobParams,
        "low",
        "Suspend the cron job again.",
        "The next run starts and succeeds.",
        60,
        by_hand='kubectl -n {namespace} patch cronjob {cronjob} -p \'{{"spec":{{"suspend":false}}}}\'',
        idempotent=True,
    ),
    _kind(
        "postgres.cancel_query",
        "Cancel the query of",
        p.BackendParams,
        "medium",
        "It cannot be undone; the client sees an error and may run it again.",
        _SERVER,
        by_hand="SELECT pg_cancel_backend({pid});",
    ),
    _kind(
        "postgres.terminate_backend",
        "Terminate",
        p.BackendParams,
        "high",
        "It cannot be undone; the transaction is rolled back, the client must connect again.",
        _SERVER,
        by_hand="SELECT pg_terminate_backend({pid});",
    ),
    _kind(
        "postgres.terminate_idle_in_transaction",
        "Terminate idle transactions of",
        p.IdleInTransactionParams,
        "high",
        "It cannot be undone; the transactions are rolled back, the clients must connect again.",
        _SERVER,
        by_hand="SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {database!l}"
        " AND state LIKE 'idle in transaction%' AND state_change < now() - interval '{older_than_seconds} seconds';",
    ),
    _kind(
        "postgres.analyze_table",
        "Analyze",
        p.TableParams,
        "low",
        "Nothing to undo: statistics are made anew all the time.",
        "The statement is as fast as before.",
        60,
        by_hand="ANALYZE {table_schema!i}.{table!i};",
        idempotent=True,
    ),
    _kind(
        "postgres.vacuum_table",
        "Vacuum",
        p.TableParams,
        "low",
        "Nothing to undo: it frees what nobody can see.",
        "Dead rows are gone; the statement is as fast as before.",
        120,
        by_hand="VACUUM {table_schema!i}.{table!i};",
        idempotent=True,
    ),
    _kind(
        "postgres.reindex",
        "Rebuild",
        p.IndexParams,
        "medium",
        "Nothing to undo: the index is the same, made anew.",
        "The index is valid and used again.",
        120,
        by_hand="REINDEX INDEX CONCURRENTLY {index_schema!i}.{index!i};",
        idempotent=True,
    ),
    _kind(
        "postgres.set_connection_limit",
        "Limit the connections of",
        p.ConnectionLimitParams,
        "medium",
        "Set the limit back to what the preview shows.",
        "Others can connect again; the alert or monitor recovers.",
        by_hand="ALTER ROLE {role!i} CONNECTION LIMIT {connections};",
        idempotent=True,
    ),
    _kind(
        "runbook.call_hook",
        "Call runbook hook",
        CallHookParams,
        "medium",
        "As the hook's description says.",
        "The hook answers with success; the alert or monitor recovers and stays up.",
        by_hand="send the request of the hook {hook} with the arguments {arguments}",
    ),
)

CATALOGUE: dict[str, ActionKind] = {kind.kind: kind for kind in _KINDS}


class Frozen(BaseModel):
    """Immutable, and strict about what it is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Proposal(Frozen):
    """What the agent would have done. Everything about it is checked again before a person sees it."""

    kind: str
    params: dict[str, Any]
    target: str
    rationale: str
    evidence: list[str]


class Change(Frozen):
    """One thing that will be different afterwards."""

    what: str
    before: str | None = None
    after: str | None = None


class Preview(Frozen):
    """What exactly will happen, from live state. `command`: how one would do the same by hand."""

    summary: str
    changes: list[Change] = Field(default_factory=list[Change])
    command: str | None = None
    warnings: list[str] = Field(default_factory=list[str])


class Result(Frozen):
    """What came of a run. `unknown`: whether it happened cannot be told. `after_state`: the target right after it."""

    outcome: ExecutionOutcome
    result: str | None = None
    error: str | None = None
    after_state: dict[str, JsonValue] | None = None


class VerificationCheck(Frozen):
    """One thing that was looked at afterwards. `ok` None: it cannot be told."""

    name: str
    ok: bool | None
    detail: str
