"""What verification is given: signals, read a moment ago; and what each probe makes of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from actions.engine import Container
from backend.action.kinds import ExecutionOutcome, VerificationCheck


@dataclass(frozen=True)
class CheckSeen:
    """One check of the monitor after the execution."""

    status: Literal["up", "down", "unknown"]
    at: datetime
    error: str | None


@dataclass(frozen=True)
class MonitorSeen:
    """The monitor behind the incident. `checks`: those since the execution, oldest first."""

    name: str
    is_watching: bool
    interval_seconds: float
    timeout_seconds: float
    recovery_threshold: int
    checks: tuple[CheckSeen, ...]


@dataclass(frozen=True)
class ContainerSeen:
    """The container the action or the incident is about. `found` None: gone, or `trouble` says why it cannot be told.

    `baseline`: the container right after the run, if that was seen; `ran_before`: it ran when the action was proposed.
    """

    name: str
    found: Container | None
    trouble: str | None
    baseline: dict[str, Any] | None
    ran_before: bool


@dataclass(frozen=True)
class Signals:
    """Everything that can tell whether the action helped."""

    outcome: ExecutionOutcome
    said: str | None
    finished_at: datetime
    settle_seconds: float
    firing: bool
    alerts: int
    alerts_firing: int
    monitor: MonitorSeen | None
    container: ContainerSeen | None


@dataclass(frozen=True)
class Finding:
    """What one probe says.

    `decisive`: good news from here means recovery. `final`: bad news that waiting cannot change. `pending`: it may say
    something else soon, and is worth waiting for beyond the settle window.
    """

    check: VerificationCheck
    decisive: bool = False
    final: bool = False
    pending: bool = False
