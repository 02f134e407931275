"""Hiding secrets: lines of ordinary logs a second, one in a hundred with a secret, also with patterns of a team."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from backend.bench.kinds import Figure, Goal, Row
from backend.redaction.clean import clean
from backend.redaction.patterns import compile_pattern, hide
from backend.redaction.redact import redact

FAST = Goal("≥ 50,000 lines/s", at_least=50_000)
HUNTER = "hunter2-and-more"
# What somebody would write who knows of one kind of secret only.
_ONE_PATTERN = re.compile(r"(?i)(pass|secret|token|key)[\w-]*=\S+")
_TEAM = (r"ACME-\d{6}", r"\bDE\d{20}\b", r"(?i)customer=(\w+)")


@dataclass(frozen=True)
class Size:
    """How many lines, and how often; the fastest time counts."""

    lines: int = 100_000
    times: int = 3


FULL = Size()
TINY = Size(lines=2_000, times=1)


async def run(size: Size) -> list[Row]:
    """On one core, in this process."""
    text = "\n".join(_line(n) for n in range(size.lines))
    patterns = tuple(compile_pattern(pattern) for pattern in _TEAM)
    assert HUNTER not in redact(text)
    ours = _rate(size, lambda: redact(clean(text)))
    with_team = _rate(size, lambda: hide(redact(clean(text)), patterns))
    one = Figure(
        "one plain regular expression over the same lines", _rate(size, lambda: _ONE_PATTERN.sub("", text)), "/s"
    )
    what = f"lines cleaned and redacted, of {size.lines:,} ({len(text) / 1e6:.1f} MB)"
    return [
        Row(Figure(what, ours, "/s"), None, FAST),
        Row(Figure("the same, beside the least that could be done", ours, "/s"), one),
        Row(Figure(f"the same with {len(_TEAM)} patterns of a team", with_team, "/s"), None, FAST),
    ]


def _rate(size: Size, work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(size.times):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return size.lines / max(best, 1e-9)


def _line(n: int) -> str:
    at = f"2026-11-21T03:{n // 6000 % 60:02}:{n // 100 % 60:02}.{n % 100:02}0Z"
    if n % 100 == 0:
        return f"{at} ERROR db: cannot connect to postgres://app:{HUNTER}@db:5432/shop (password={HUNTER})"
    if n % 10 == 0:
        return f'{at} WARN cache: key "session:{n:x}" not found, asking the primary; token bucket has {n % 7} left'
    return f"{at} INFO http: GET /orders/{n} answered 200 in {n % 97} ms by worker-{n % 8} request_id={n:016x}"
