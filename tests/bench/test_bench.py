"""Every benchmark runs to its end on an instance of its own and says what it measured; the figures are not tested."""

import json
import pkgutil
import subprocess
import sys

import pytest

import backend.bench
from backend.bench import registry
from backend.bench.kinds import Figure, Goal, Row, percentile

WITH_REFERENCE = {"redact", "intake", "live"}


@pytest.mark.parametrize("name", registry.NAMES)
def test_it_prints_figures_references_and_goals(name: str):
    command = [sys.executable, "-m", "backend.cli", "bench", name, "--quick", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (found,) = document["benchmarks"]
    assert (found["name"], document["quick"]) == (name, True)
    rows = found["rows"]
    assert any(row["goal"] for row in rows)
    for row in rows:
        assert set(row) == {"measured", "reference", "ratio", "goal", "met"}
        assert set(row["measured"]) == {"what", "value", "unit"}
        assert row["measured"]["value"] > 0
        assert (row["ratio"] is None) == (row["reference"] is None)
        assert isinstance(row["met"], bool) == (row["goal"] is not None)
    assert any(row["reference"] for row in rows) == (name in WITH_REFERENCE)


def test_every_benchmark_has_its_file():
    """A module with a `run` is a benchmark, and the other way round."""
    modules = [m.name for m in pkgutil.iter_modules(backend.bench.__path__) if m.name not in ("command", "registry")]
    runnable = {name for name in modules if hasattr(__import__(f"backend.bench.{name}", fromlist=["run"]), "run")}
    assert runnable == set(registry.NAMES)


def test_a_wrong_name_is_a_sentence():
    command = [sys.executable, "-m", "backend.cli", "bench", "speed"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"There is no benchmark 'speed'; there are {', '.join(registry.NAMES)}." in done.stderr


@pytest.mark.parametrize(
    ("value", "reference", "goal", "ratio", "met"),
    [
        (400.0, 5000.0, Goal("≥ 8 %", at_least=0.08), 0.08, True),
        (399.0, 5000.0, Goal("≥ 8 %", at_least=0.08), 0.0798, False),
        (49.9, None, Goal("< 50", at_most=50), None, True),
        (50.1, None, Goal("< 50", at_most=50), None, False),
        (5.0, None, None, None, None),
        (5.0, 0.0, None, None, None),
    ],
)
def test_a_goal_limits_the_ratio_where_there_is_a_reference(value, reference, goal, ratio, met):
    row = Row(Figure("it", value, "u"), None if reference is None else Figure("ref", reference, "u"), goal)
    assert row.ratio == (None if ratio is None else pytest.approx(ratio))
    assert row.met is met


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 95, 0.0), ([7.0], 99, 7.0), ([4.0, 1.0, 3.0, 2.0], 50, 2.0), (list(map(float, range(1, 101))), 95, 95.0)],
)
def test_percentiles_are_by_nearest_rank(values: list[float], percent: float, expected: float):
    assert percentile(values, percent) == expected
