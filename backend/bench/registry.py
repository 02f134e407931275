"""The benchmarks by name. Each is a module with FULL and TINY sizes and `run(size)`."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from backend.bench.kinds import Row

NAMES = ("intake", "investigate", "logs", "redact", "live", "start", "memory")


@dataclass(frozen=True)
class Benchmark:
    """A benchmark, loaded. `quick` only shows that it works."""

    name: str
    about: str
    run: Callable[[Any], Coroutine[Any, Any, list[Row]]]
    full: Any
    quick: Any


def load(name: str) -> Benchmark:
    """Imports a benchmark when it is wanted."""
    module = import_module(f"backend.bench.{name}")
    about = (module.__doc__ or "").strip().splitlines()[0]
    return Benchmark(name, about, module.run, module.FULL, module.TINY)
