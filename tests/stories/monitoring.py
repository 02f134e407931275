"""A real Prometheus and a real Alertmanager on loopback, fed by an exporter that asks a real Docker engine."""

import subprocess
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import httpx

from tests.fakes.server import Fake, Request, serve
from tests.real import program
from tests.support.product import free_port

START_SECONDS = 30

PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
alerting:
  alertmanagers: [{{static_configs: [{{targets: ["{alertmanager}"]}}]}}]
scrape_configs:
  - job_name: containers
    static_configs: [{{targets: ["{exporter}"]}}]
"""
RULES = """
groups:
  - name: containers
    rules:
      - alert: ContainerDown
        expr: container_running == 0
        labels: {severity: critical}
        annotations: {summary: "Container {{ $labels.container }} does not run"}
"""
ALERTMANAGER = """
route: {{receiver: nightdesk, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: nightdesk
    webhook_configs: [{{url: "{webhook}", send_resolved: true}}]
"""


@dataclass
class Exporter(Fake):
    """container_running 0 or 1 for each container whose name begins with `prefix`, asked of Docker at each scrape."""

    client: docker.DockerClient = field(default_factory=docker.DockerClient)
    prefix: str = ""

    def answer(self, request: Request) -> tuple[int, Any]:
        found = self.client.containers.list(all=True, filters={"name": f"^/{self.prefix}"})
        lines = [f'container_running{{container="{c.name}"}} {int(c.status == "running")}' for c in found]
        return 200, "".join(f"{line}\n" for line in ["# TYPE container_running gauge", *lines]).encode()


@dataclass(frozen=True)
class Monitoring:
    """Where the two are."""

    prometheus: str
    alertmanager: str


@contextmanager
def prometheus(folder: Path, docker_host: str, prefix: str) -> Generator[Monitoring]:
    """Prometheus watches the containers; Alertmanager's address is known, but it is not there yet."""
    port, alertmanager_port = free_port(), free_port()
    with ExitStack() as stack:
        client = docker.DockerClient(base_url=docker_host)
        stack.callback(client.close)
        exporter = stack.enter_context(serve(Exporter(client=client, prefix=prefix)))
        rules = folder / "rules.yml"
        rules.write_text(RULES)
        config = folder / "prometheus.yml"
        address = exporter.url.removeprefix("http://")
        config.write_text(
            PROMETHEUS.format(rules=rules, alertmanager=f"127.0.0.1:{alertmanager_port}", exporter=address)
        )
        where = Monitoring(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{alertmanager_port}")
        options = [f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}"]
        options += [f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]
        stack.enter_context(_running("prometheus", options, folder, where.prometheus))
        yield where


@contextmanager
def alertmanager(folder: Path, where: Monitoring, webhook: str) -> Generator[None]:
    """Sends what fires to the webhook."""
    config = folder / "alertmanager.yml"
    config.write_text(ALERTMANAGER.format(webhook=webhook))
    options = [f"--config.file={config}", f"--storage.path={folder / 'alertmanager'}", "--log.level=warn"]
    options += [f"--web.listen-address={where.alertmanager.removeprefix('http://')}", "--cluster.listen-address="]
    with _running("prometheus-alertmanager", options, folder, where.alertmanager):
        yield


@contextmanager
def _running(name: str, options: list[str], folder: Path, url: str) -> Generator[None]:
    binary, log = program(name), folder / f"{name}.log"
    assert binary is not None, f"{name} is missing: apt install {name}"
    with log.open("ab") as output:
        process = subprocess.Popen([binary, *options], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        ends = time.monotonic() + START_SECONDS
        while not _ready(url):
            assert time.monotonic() < ends, log.read_text()
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
