"""What the drill can break, and which hook repairs it."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["crash", "pool", "disk", "config"]
Remedy = Literal["restart-service", "free-disk-space", "rollback-config"]

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Failure:
    """One way to break the service. `story`: what really happens, for the person who watches."""

    kind: Kind
    story: str
    remedy: Remedy


@dataclass(frozen=True)
class Hook:
    """A runbook hook as it is registered. The operator serves it under /hooks/<remedy>."""

    remedy: Remedy
    description: str
    categories: tuple[str, ...]
    inverse: str

    @property
    def name(self) -> str:
        """Its name in Nightdesk: nothing that a team would have registered itself."""
        return f"drill-{self.remedy}"


FAILURES: dict[Kind, Failure] = {
    failure.kind: failure
    for failure in (
        Failure("crash", "an order of zero pieces reaches a division and kills the process", "restart-service"),
        Failure("pool", "reports for an unknown month leak every database connection", "restart-service"),
        Failure("disk", "uploads fill the data directory to the last byte", "free-disk-space"),
        Failure("config", "a configuration with a wrong value is deployed and the service restarts", "rollback-config"),
    )
}

HOOKS: tuple[Hook, ...] = (
    Hook(
        "restart-service",
        "Stops the orders service and starts it again. Requests under way are lost.",
        ("app_crash", "restart_loop", "connection_exhaustion", "memory_pressure", "oom"),
        "A restart cannot be undone; requests under way and in-memory state are lost.",
    ),
    Hook(
        "free-disk-space",
        "Deletes finished uploads of the orders service from its data directory.",
        ("disk_pressure",),
        "Deleted uploads cannot be brought back; senders have to upload again.",
    ),
    Hook(
        "rollback-config",
        "Puts the previous configuration of the orders service back and starts the service.",
        ("config_error", "bad_deploy"),
        "Deploy the newer configuration again.",
    ),
)


def next_kind(last: str | None) -> Kind:
    """The kind after the last one, so that one drill after the other practises them all."""
    if last not in KINDS:
        return KINDS[0]
    return KINDS[(KINDS.index(last) + 1) % len(KINDS)]
