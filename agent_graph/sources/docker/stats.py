"""Reads what the engine measured of a container: memory, CPU, throttling, processes, disk and network.

Two samples a moment apart: how much CPU is used and how often it is held back shows only between two. cgroup v1 and v2
count under different names; Podman leaves much of it out; what is missing is not said. Fields:
https://docs.docker.com/reference/api/engine/ (ContainerStats)
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agent_graph.sources.docker.state import cpu_limit
from agent_graph.sources.series import amount
from agent_graph.sources.signs import Book, when

# A single sample says something when it is near the limit. Far from it, it says nothing of the minute before.
_NEAR = 0.8
# When what cannot be dropped is less of the limit than this, the rest is cache, which the kernel takes back.
_MOSTLY_CACHE = 0.6
_THROTTLED, _THROTTLED_BEFORE, _FEWEST_PERIODS = 0.25, 0.1, 3
_PIDS_FULL = 0.95

Stats = dict[str, Any]


@dataclass(frozen=True)
class Use:
    """What is used, as far as the engine told. Ratios from 0 to 1; `*_now`: between the two samples."""

    at: list[float] = field(default_factory=list[float])
    memory_bytes: list[float] = field(default_factory=list[float])
    memory_limit_bytes: float | None = None
    # What cannot be dropped, because no file stands behind it.
    held_bytes: float | None = None
    cpu_cores: float | None = None
    cpu_limit_cores: float | None = None
    periods: int = 0
    throttled: float | None = None
    periods_now: int = 0
    throttled_now: float | None = None
    pids: int | None = None
    pids_limit: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None
    net_errors: int | None = None
    net_dropped: int | None = None

    @property
    def memory_share(self) -> float | None:
        """The working set as a share of the container's own limit."""
        if not self.memory_bytes or not self.memory_limit_bytes:
            return None
        return max(self.memory_bytes) / self.memory_limit_bytes

    @property
    def mostly_cache(self) -> bool:
        if self.held_bytes is None or not self.memory_limit_bytes:
            return False
        return self.held_bytes < _MOSTLY_CACHE * self.memory_limit_bytes


def read_use(samples: list[Stats], inspected: dict[str, Any]) -> Use | None:
    """What the samples say; None when they hold nothing, as those of a container that does not run."""
    taken = [one for one in samples if (at := when(one.get("read"))) is not None and at.year > 1]
    if not taken:
        return None
    first, last, host = taken[0], taken[-1], inspected.get("HostConfig") or {}
    cpu, pids = _of(last, "cpu_stats"), _of(last, "pids_stats")
    periods, held = _throttling(last)
    periods_now, held_now = (now - before for now, before in zip(_throttling(last), _throttling(first), strict=True))
    network = [one for one in _of(last, "networks").values() if isinstance(one, dict)]
    return Use(
        at=[at.timestamp() for one in taken if (at := when(one.get("read")))],
        memory_bytes=[used for one in taken if (used := working_set(one)) is not None],
        # Without a limit of its own the engine says how much the host has.
        memory_limit_bytes=_number(host.get("Memory")) or None,
        held_bytes=_held(last),
        cpu_cores=_cores(first, last),
        cpu_limit_cores=cpu_limit(host),
        periods=periods,
        throttled=held / periods if periods else None,
        periods_now=periods_now,
        throttled_now=held_now / periods_now if periods_now > 0 else None,
        pids=_whole(pids.get("current")),
        pids_limit=_whole(pids.get("limit")) if (_number(pids.get("limit")) or 0) < 2**31 else None,
        read_bytes=_blocks(last, "read") if cpu else None,
        written_bytes=_blocks(last, "write") if cpu else None,
        net_errors=_sum(network, "rx_errors", "tx_errors"),
        net_dropped=_sum(network, "rx_dropped", "tx_dropped"),
    )


def working_set(one: Stats) -> float | None:
    """What cannot be reclaimed at once: usage without the file pages that nobody has used lately."""
    memory = _of(one, "memory_stats")
    used = _number(memory.get("usage"))
    if used is None:
        return None
    # v2 calls it inactive_file; v1 has a total over the cgroups below, too.
    idle = _first_of(_of(memory, "stats"), "total_inactive_file", "inactive_file") or 0.0
    return max(0.0, used - idle)


def _held(one: Stats) -> float | None:
    """Usage without any file pages; what lies in a tmpfs counts, for it has nowhere else to go."""
    used, memory = working_set(one), _of(_of(one, "memory_stats"), "stats")
    active = _first_of(memory, "total_active_file", "active_file")
    return None if used is None or active is None else max(0.0, used - active)


def _throttling(one: Stats) -> tuple[int, int]:
    counted = _of(_of(one, "cpu_stats"), "throttling_data")
    return _whole(counted.get("periods")) or 0, _whole(counted.get("throttled_periods")) or 0


def _cores(first: Stats, last: Stats) -> float | None:
    """Cores in use between the samples, by the container's own clock."""
    before, after = (_number(_of(_of(one, "cpu_stats"), "cpu_usage").get("total_usage")) for one in (first, last))
    start, end = when(first.get("read")), when(last.get("read"))
    if before is None or after is None or start is None or end is None or end <= start or after < before:
        return None
    return (after - before) / 1e9 / (end - start).total_seconds()


def _blocks(one: Stats, what: str) -> int | None:
    """Bytes read or written since it started. v1 says Read, v2 read; Podman and cgroups without a disk: nothing."""
    rows = _of(one, "blkio_stats").get("io_service_bytes_recursive")
    if not isinstance(rows, list) or not rows:
        return None
    said: list[Any] = rows
    return sum(_whole(row.get("value")) or 0 for row in said if str(row.get("op", "")).lower() == what)


def _of(one: dict[str, Any], name: str) -> dict[str, Any]:
    found: Any = one.get(name)
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _first_of(values: dict[str, Any], *names: str) -> float | None:
    return next((found for name in names if (found := _number(values.get(name))) is not None), None)


def _sum(rows: list[Any], *names: str) -> int | None:
    return sum(_whole(row.get(name)) or 0 for row in rows for name in names) if rows else None


def write_use(book: Book, use: Use, name: str) -> None:
    """One line for each thing that was measured, with the signs that it is used up. Memory is the first line."""
    book.say(_memory(use))
    for line in _rest(use):
        book.say(line)
    if (line := _throttled(use)) is not None:
        steady = use.throttled is not None and use.throttled >= _THROTTLED_BEFORE
        now = use.throttled_now is not None and use.periods_now >= _FEWEST_PERIODS and use.throttled_now >= _THROTTLED
        if now or (use.throttled or 0) >= _THROTTLED:
            weight = "strong" if now and steady else "weak"
            book.sign("cpu_throttling", weight, line, subject=name, means=f"{name} is held back by its CPU limit")
        else:
            book.say(line)
    if use.pids is not None and use.pids_limit and use.pids >= _PIDS_FULL * use.pids_limit:
        means = f"{name} has as many processes and threads as it may have"
        book.sign("trouble", "strong", _pids(use), subject=name, means=means)


def role_of(use: Use) -> str:
    """ "memory" where the rules are to weigh it against the limit."""
    near = use.memory_share is not None and use.memory_share >= _NEAR and not use.mostly_cache
    return "memory" if near else "resource_use"


def _memory(use: Use) -> str:
    if not use.memory_bytes:
        return "memory: not told"
    text = f"memory: {amount(use.memory_bytes[-1], 'bytes')} in use"
    if use.memory_limit_bytes:
        text += f" of {amount(use.memory_limit_bytes, 'bytes')} ({use.memory_share:.0%} of its limit)"
        cache = use.mostly_cache and (use.memory_share or 0) >= _NEAR
        return text + (", most of it file cache that the kernel can take back" if cache else "")
    return f"{text}, no limit"


def _throttled(use: Use) -> str | None:
    if use.throttled is None:
        return None
    text = f"CPU held back by its limit in {use.throttled:.0%} of {use.periods:,} periods since it started"
    return text if use.throttled_now is None else f"{text}, in {use.throttled_now:.0%} of the latest {use.periods_now}"


def _pids(use: Use) -> str:
    return f"processes and threads: {use.pids}" + (f" of {use.pids_limit} allowed" if use.pids_limit else "")


def _rest(use: Use) -> Iterator[str]:
    if use.cpu_cores is not None:
        of = f" of {use.cpu_limit_cores:g} allowed" if use.cpu_limit_cores else ""
        yield f"CPU: {use.cpu_cores:.2f} cores in use{of}"
    if use.pids is not None:
        yield _pids(use)
    if use.read_bytes is not None and use.written_bytes is not None:
        read, written = amount(use.read_bytes, "bytes"), amount(use.written_bytes, "bytes")
        yield f"disk since it started: {read} read, {written} written"
    if use.net_errors is not None and use.net_dropped is not None:
        yield f"network since it started: {use.net_errors} errors, {use.net_dropped} packets dropped"
