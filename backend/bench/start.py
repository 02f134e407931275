"""How long `nightdesk up` takes until it is ready, on a data directory that exists already."""

from dataclasses import dataclass
from statistics import median

from backend.bench.instance import folder, running
from backend.bench.kinds import Figure, Goal, Row

GOAL = Goal("ready < 6 s", at_most=6)


@dataclass(frozen=True)
class Size:
    """How often it is started."""

    starts: int = 3


FULL = Size()
TINY = Size(starts=1)


async def run(size: Size) -> list[Row]:
    """The first start makes the data directory; the median of the others counts."""
    with folder() as data_dir:
        with running(data_dir) as instance:
            first = instance.ready_seconds
        warm: list[float] = []
        for _ in range(size.starts):
            with running(data_dir) as instance:
                warm.append(instance.ready_seconds)
    return [
        Row(Figure(f"nightdesk up, warm, until /readyz (median of {size.starts})", median(warm), "s"), None, GOAL),
        Row(Figure("nightdesk up, first start of an empty data directory", first, "s")),
    ]
