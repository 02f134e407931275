"""The types of monitors: what each needs to know beyond its address, and what every probe answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

MonitorType = Literal["http"]
MonitorStatus = Literal["pending", "up", "down", "unknown", "paused"]
CheckStatus = Literal["up", "down", "unknown"]

TYPES: tuple[MonitorType, ...] = get_args(MonitorType)
DETAIL_CHARS = 2_000

_RANGE = re.compile(r"([1-5]\d\d)(?:-([1-5]\d\d))?")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")


def _range(value: str) -> str:
    """A status code ("204") or an inclusive range of them ("200-299")."""
    match = _RANGE.fullmatch(value)
    if match is None or (match[2] and match[2] < match[1]):
        raise ValueError('expected a status code as "204" or a range as "200-299"')
    return value


def _headers(value: dict[str, str]) -> dict[str, str]:
    for name, content in value.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name[:50]!r} is not the name of a header")
        if len(content) > 4_096 or any(ord(c) < 32 or ord(c) > 126 for c in content):
            raise ValueError(f"the value of {name} may hold visible ASCII characters only, at most 4096")
    return value


def _absolute(value: str) -> str:
    if not value.startswith("/") or "\x00" in value:
        raise ValueError("expected an absolute path")
    return value


class Config(BaseModel):
    """Parent of the configurations of all types."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class HttpConfig(Config):
    """What is requested and what counts as healthy."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = Field("GET", title="Method")
    headers: Annotated[dict[str, str], AfterValidator(_headers)] = Field(
        default_factory=dict, max_length=50, title="Request headers"
    )
    body: str | None = Field(None, max_length=65_536, title="Request body")
    expected_status: tuple[Annotated[str, AfterValidator(_range)], ...] = Field(
        ("200-299",), min_length=1, max_length=20, title="Healthy status codes"
    )
    keyword: str | None = Field(None, min_length=1, max_length=1_000, title="Text that the answer must contain")
    verify_tls: bool = Field(True, title="Verify the TLS certificate")
    logs_file: Annotated[str, AfterValidator(_absolute)] | None = Field(
        None, max_length=4_096, title="Log file of the service", description="Read as evidence by the investigator."
    )

    def expects(self, status_code: int) -> bool:
        """Is this status code healthy?"""
        for text in self.expected_status:
            low, _, high = text.partition("-")
            if int(low) <= status_code <= int(high or low):
                return True
        return False


CONFIGS: dict[MonitorType, type[Config]] = {"http": HttpConfig}


def check_config(kind: MonitorType, config: Mapping[str, Any]) -> None:
    """Raises ValueError with the member that its type does not allow, and why."""
    try:
        CONFIGS[kind].model_validate(config)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(["config", *map(str, first["loc"])])
        raise ValueError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def check_address(kind: MonitorType, address: str) -> None:
    """Raises ValueError for an address that a probe of this type does not ask: http and https only, with a host."""
    try:
        parts = urlsplit(address)
        valid = kind == "http" and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or any(ord(c) <= 32 or ord(c) == 127 for c in address):
        raise ValueError("address: expected an address that starts with http:// or https://")


@dataclass(frozen=True, slots=True)
class Result:
    """What one probe saw. `unknown`: we could not look; it says nothing about the target.

    `detail` is an excerpt of an unhealthy answer, redacted and capped, kept as evidence.
    """

    status: CheckStatus
    checked_at: datetime
    response_time_ms: int | None = None
    status_code: int | None = None
    error: str | None = None
    detail: str | None = None

    @property
    def metadata(self) -> dict[str, Any]:
        return {"detail": self.detail} if self.detail else {}
