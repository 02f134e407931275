"""A real Prometheus on loopback with a past made for it."""

import subprocess
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from tests.real import program
from tests.support.product import free_port

START_SECONDS = 60
# At a number of minutes after the trouble began; None: a gap.
Value = Callable[[float], float | None]


@contextmanager
def prometheus_with(
    folder: Path, past: Sequence[tuple[str, str, Value]], began: datetime, minutes: Iterable[float]
) -> Generator[str]:
    """Its URL. `past`: name, labels, value; a point for each of the minutes after `began`."""
    port = free_port()
    promtool, server = program("promtool"), program("prometheus")
    assert promtool is not None
    assert server is not None
    text, data, config = folder / "past.txt", folder / "data", folder / "prometheus.yml"
    text.write_text(_written(past, began, list(minutes)))
    subprocess.run([promtool, "tsdb", "create-blocks-from", "openmetrics", text, data], check=True, capture_output=True)
    config.write_text("global: {}\n")
    options = [f"--config.file={config}", f"--storage.tsdb.path={data}", f"--web.listen-address=127.0.0.1:{port}"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([server, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        ends = time.monotonic() + START_SECONDS
        while not _ready(url):
            assert time.monotonic() < ends, (folder / "log").read_text()
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _written(past: Sequence[tuple[str, str, Value]], began: datetime, minutes: Sequence[float]) -> str:
    rows: list[str] = []
    for name in dict.fromkeys(name for name, _, _ in past):
        rows.append(f"# TYPE {name} gauge")
        for labels, value in ((labels, value) for known, labels, value in past if known == name):
            for minute in minutes:
                said = value(minute)
                if said is not None:
                    rows.append(f"{name}{{{labels}}} {said} {(began + timedelta(minutes=minute)).timestamp():.0f}")
    return "\n".join([*rows, "# EOF", ""])


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
