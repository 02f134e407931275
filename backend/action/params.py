"""The typed parameters of every remediation: strict, because what is approved is exactly what runs."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

# RFC 1123 subdomain: what Kubernetes accepts as the name of nearly everything.
_DNS = r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"
_QUANTITY = r"^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$"

KubernetesName = Annotated[str, Field(min_length=1, max_length=253, pattern=_DNS)]
Namespace = Annotated[str, Field(min_length=1, max_length=63, pattern=_DNS, title="Namespace")]
Quantity = Annotated[str, Field(max_length=20, pattern=_QUANTITY)]
Identifier = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[^\x00-\x1f]+$")]


class Params(BaseModel):
    """Parameters of a kind."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def subject(self) -> str:
        """What the action is done to, as its parameters name it."""
        raise NotImplementedError


class ContainerParams(Params):
    """Which container."""

    container: str = Field(min_length=1, max_length=255, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$", title="Container")

    def subject(self) -> str:
        return self.container


class RestartContainerParams(ContainerParams):
    """Which container, and how long it may take to stop by itself."""

    stop_timeout_seconds: int = Field(10, ge=0, le=300, title="Seconds before it is killed")


class RollbackContainerParams(ContainerParams):
    """Which container, and the image it ran on before."""

    image: str = Field(min_length=1, max_length=300, pattern=r"^[a-zA-Z0-9][\w./:@-]*$", title="Image")


class UpdateLimitsParams(ContainerParams):
    """Which container, and what it may use from now on."""

    memory_bytes: int | None = Field(None, ge=6 * 2**20, le=2**42, title="Memory limit in bytes")
    cpus: float | None = Field(None, gt=0, le=1024, title="CPUs")

    @model_validator(mode="after")
    def _one_at_least(self) -> "UpdateLimitsParams":
        if self.memory_bytes is None and self.cpus is None:
            raise ValueError("a new limit for memory or CPU is needed")
        return self


class PruneParams(Params):
    """What unused things to remove. Volumes are never among them."""

    what: Literal["build_cache", "dangling_images", "stopped_containers"] = Field(title="What to remove")
    older_than_hours: int = Field(24, ge=1, le=24 * 365, title="Only what is older than these hours")

    def subject(self) -> str:
        return self.what

    @property
    def docker_object(self) -> str:
        """What the command line calls it."""
        return {"build_cache": "builder", "dangling_images": "image", "stopped_containers": "container"}[self.what]


class WorkloadParams(Params):
    """Which workload."""

    namespace: Namespace
    workload: Literal["deployment", "statefulset", "daemonset"] = Field("deployment", title="Kind")
    name: KubernetesName = Field(title="Name")

    def subject(self) -> str:
        return f"{self.namespace}/{self.workload}/{self.name}"


class DeploymentParams(Params):
    """Which deployment."""

    namespace: Namespace
    deployment: KubernetesName = Field(title="Deployment")

    def subject(self) -> str:
        return f"{self.namespace}/deployment/{self.deployment}"


class RollbackDeploymentParams(DeploymentParams):
    """Which deployment, and which revision; without one, the revision before the present one."""

    to_revision: int | None = Field(None, ge=1, title="Revision")


class ScaleDeploymentParams(DeploymentParams):
    """Which deployment, and how many replicas."""

    replicas: int = Field(ge=0, le=1000, title="Replicas")


class PodParams(Params):
    """Which pod."""

    namespace: Namespace
    pod: KubernetesName = Field(title="Pod")

    def subject(self) -> str:
        return f"{self.namespace}/pod/{self.pod}"


class PatchResourcesParams(WorkloadParams):
    """Which container of which workload, and its new limits."""

    container: KubernetesName = Field(title="Container")
    memory_limit: Quantity | None = Field(None, title="Memory limit")
    cpu_limit: Quantity | None = Field(None, title="CPU limit")

    @model_validator(mode="after")
    def _one_at_least(self) -> "PatchResourcesParams":
        if self.memory_limit is None and self.cpu_limit is None:
            raise ValueError("a new limit for memory or CPU is needed")
        return self

    @property
    def limits(self) -> str:
        """As kubectl takes them."""
        given = {"memory": self.memory_limit, "cpu": self.cpu_limit}
        return ",".join(f"{name}={value}" for name, value in given.items() if value is not None)


class NodeParams(Params):
    """Which node."""

    node: KubernetesName = Field(title="Node")

    def subject(self) -> str:
        return f"node/{self.node}"


class CronJobParams(Params):
    """Which cron job."""

    namespace: Namespace
    cronjob: KubernetesName = Field(title="Cron job")

    def subject(self) -> str:
        return f"{self.namespace}/cronjob/{self.cronjob}"


class BackendParams(Params):
    """Which server process."""

    pid: int = Field(ge=1, le=2**31 - 1, title="Process id")

    def subject(self) -> str:
        return f"pid {self.pid}"


class IdleInTransactionParams(Params):
    """Which sessions: idle inside a transaction, for at least so long, of one database."""

    database: Identifier = Field(title="Database")
    older_than_seconds: int = Field(ge=10, le=86_400, title="Only those idle for these seconds")

    def subject(self) -> str:
        return f"database {self.database}"


class TableParams(Params):
    """Which table."""

    table: Identifier = Field(title="Table")
    table_schema: Identifier = Field("public", title="Schema")

    def subject(self) -> str:
        return f"table {self.table_schema}.{self.table}"


class IndexParams(Params):
    """Which index. It is rebuilt beside the old one, without blocking writers."""

    index: Identifier = Field(title="Index")
    index_schema: Identifier = Field("public", title="Schema")

    def subject(self) -> str:
        return f"index {self.index_schema}.{self.index}"


class ConnectionLimitParams(Params):
    """How many sessions a role may have."""

    role: Identifier = Field(title="Role")
    connections: int = Field(ge=1, le=10_000, title="Connections")

    def subject(self) -> str:
        return f"role {self.role}"


class CallHookParams(Params):
    """Which registered hook, with the arguments its own schema allows."""

    hook: str = Field(min_length=1, max_length=100, title="Hook")
    arguments: dict[str, JsonValue] = Field(default_factory=dict, title="Arguments")

    def subject(self) -> str:
        return self.hook
