"""What every alert format is parsed into. Plain data, capped and clean, before anything is stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

AlertStatus = Literal["firing", "resolved"]


@dataclass(frozen=True, slots=True)
class ParsedAlert:
    """One alert of a batch. (fingerprint, starts_at) identifies one firing of it.

    `ends_at` is None while it fires, and when the sender does not say when it ended.
    """

    fingerprint: str
    status: AlertStatus
    name: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None
    generator_url: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """The alerts of one request, each firing once, in the order they came.

    `received` counts what was in the body, before repetitions within it were merged; `left_out` what the sender says it
    did not include; `notes` what was altered to make sense of the body.
    """

    source: str
    received: int
    alerts: tuple[ParsedAlert, ...]
    left_out: int = 0
    external_url: str | None = None
    group_key: str | None = None
    receiver: str | None = None
    notes: tuple[str, ...] = ()
