"""Memory of the whole product when it is idle: PSS of every process under `nightdesk up`, PostgreSQL included."""

from dataclasses import dataclass
from pathlib import Path

from backend import instance as instances
from backend.bench.instance import folder, quiet, running
from backend.bench.kinds import Figure, Goal, Row

GOAL = Goal("whole product idle < 450 MB PSS", at_most=450)


@dataclass(frozen=True)
class Size:
    """How long it is left alone before it is weighed."""

    idle_seconds: float = 15.0


FULL = Size()
TINY = Size(idle_seconds=0.5)


async def run(size: Size) -> list[Row]:
    """One row for the whole, one for each part."""
    with folder() as data_dir, running(data_dir) as instance:
        await quiet(instance.process, seconds=size.idle_seconds)
        said = instances.running(data_dir)
        parts = {"supervisor": said.pid, **said.processes}
        # A part may be another's child; what is counted for one is not counted again.
        trees = {name: {pid, *descendants(pid)} for name, pid in parts.items() if name != "supervisor"}
        everything = {said.pid, *descendants(said.pid), *(pid for tree in trees.values() for pid in tree)}
        rows = [Row(Figure(f"{len(everything)} processes, idle", pss_mb(everything), "MB PSS"), None, GOAL)]
        rows += [Row(Figure(f"of that: {name}", pss_mb(tree), "MB PSS")) for name, tree in trees.items()]
        return rows


def descendants(pid: int) -> set[int]:
    """Every process below `pid`."""
    children: dict[int, list[int]] = {}
    for folder_of in Path("/proc").iterdir():
        if folder_of.name.isdigit() and (parent := _parent(folder_of)) is not None:
            children.setdefault(parent, []).append(int(folder_of.name))
    found: set[int] = set()
    todo = [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found.update(below)
        todo += below
    return found


def _parent(process: Path) -> int | None:
    try:
        # The name in parentheses may hold anything, so the fields are counted from its end.
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return None


def pss_mb(pids: set[int]) -> float:
    """Proportional set size: memory shared by several processes counts once in total."""
    return sum(map(_pss_kb, pids)) / 1024


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
