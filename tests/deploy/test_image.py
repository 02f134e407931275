"""The Dockerfile, built for real, and our services of docker-compose.yml run from it as that file says.

The official base images cannot be pulled everywhere, so a plain Debian stands in for them under their names. That takes
minutes and a gigabyte, so only NIGHTDESK_TEST_IMAGE=1 asks for it: as root, with docker.io, debootstrap, Node and the
registries.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import docker
import httpx
import psycopg
import pytest
import yaml
from docker.errors import ImageNotFound
from docker.models.containers import Container

from tests.real import docker_engine, program
from tests.supabase.conftest import Project, free_port, hosted, needs_debian_15
from tests.support.server import DEBIAN_15

pytestmark = [
    pytest.mark.skipif(os.environ.get("NIGHTDESK_TEST_IMAGE") != "1", reason="NIGHTDESK_TEST_IMAGE=1 builds the image"),
    pytest.mark.timeout(1800),
]

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
TAG = "nightdesk-test/product"
BASE = """
FROM {plain}
COPY npmrc /root/.npmrc
COPY npm /usr/lib/node_modules/npm
COPY node /usr/bin/node
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/bin/npm && ln -s python3 /usr/bin/python
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
"""


def run(*command: str, stdin: Any = None, **environment: str) -> str:
    done = subprocess.run(
        [program(command[0]) or command[0], *command[1:]],
        stdin=stdin,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Generator[docker.DockerClient]:
    """An engine that has built the Dockerfile."""
    with docker_engine() as host:
        client = docker.DockerClient(base_url=host)
        with contextlib.closing(client):
            bases = sorted(set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)))
            _stand_in(host, bases, tmp_path_factory.mktemp("base"))
            try:
                # Without BuildKit, which Debian packages apart: what that builder takes, every other takes, too.
                settings = {"DOCKER_HOST": host, "DOCKER_BUILDKIT": "0"}
                run("docker", "build", "--network", "host", "-t", TAG, str(ROOT), **settings)
                yield client
            finally:
                for name in (TAG, *bases, "nightdesk-test/plain"):
                    with contextlib.suppress(ImageNotFound):
                        client.images.remove(name, force=True)


def _stand_in(host: str, names: list[str], folder: Path) -> None:
    """A Debian with Python and this machine's Node, under the names that the Dockerfile starts from."""
    root, context = folder / "root", folder / "context"
    packages = "--include=python3,python3-venv,ca-certificates"
    run("debootstrap", "--variant=minbase", packages, "bookworm", str(root))
    with subprocess.Popen(
        ["tar", "-C", str(root), "--exclude=./proc", "--exclude=./sys", "-c", "."], stdout=subprocess.PIPE
    ) as tar:
        run("docker", "import", "-", "nightdesk-test/plain", stdin=tar.stdout, DOCKER_HOST=host)
    shutil.rmtree(root)
    context.mkdir()
    (context / "Dockerfile").write_text(BASE.format(plain="nightdesk-test/plain"))
    npmrc = Path.home() / ".npmrc"
    (context / "npmrc").write_text(npmrc.read_text() if npmrc.exists() else "")
    shutil.copytree("/usr/lib/node_modules/npm", context / "npm", symlinks=True)
    shutil.copy(program("node") or "/usr/bin/node", context / "node")
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", context)
    tags = [part for name in names for part in ("-t", name)]
    run("docker", "build", "--network", "host", *tags, str(context), DOCKER_HOST=host, DOCKER_BUILDKIT="0")


@pytest.fixture(scope="module")
def project() -> Generator[Project]:
    """A project without our tables, as `migrate` finds it."""
    needs_debian_15()
    with hosted(DEBIAN_15) as server, server.project() as made:
        with psycopg.connect(made.admin_url, autocommit=True) as connection:
            # Supabase's own database has no trace of our bootstrap.
            connection.execute("drop schema nightdesk_bootstrap cascade")
        yield made


@pytest.fixture(scope="module")
def door() -> int:
    return free_port()


@contextlib.contextmanager
def service(engine: docker.DockerClient, name: str, project: Project, door: int, **more: Any) -> Generator[Container]:
    """A service of the compose file as it is written there, but on the host's network."""
    said = SERVICES[name]
    check = said.get("healthcheck", {})
    environment = {
        "DATABASE_URL": project.url,
        "SUPABASE_URL": f"http://127.0.0.1:{door}",
        "SUPABASE_ANON_KEY": "anon",
        "NIGHTDESK_HOST": "127.0.0.1",
        "NIGHTDESK_PORT": str(door),
    }
    container = engine.containers.create(
        TAG,
        said.get("command"),
        entrypoint=said.get("entrypoint"),
        environment=environment,
        network_mode="host",
        # Compose gives each container a host name of its own; the heartbeats go by it.
        hostname=f"nightdesk-{name}",
        read_only=said["read_only"],
        tmpfs={path: options for path, _, options in (entry.partition(":") for entry in said["tmpfs"])},
        cap_drop=said["cap_drop"],
        security_opt=said["security_opt"],
        init=said["init"],
        healthcheck={"test": check["test"], "interval": 10**9, "timeout": 8 * 10**9} if check.get("test") else None,
        **more,
    )
    container.start()
    try:
        yield container
    finally:
        container.remove(force=True, v=True)


def finished(container: Container) -> str:
    status = container.wait(timeout=120)["StatusCode"]
    logs = container.logs().decode()
    assert status == 0, logs
    return logs


def healthy(container: Container) -> None:
    ends = time.monotonic() + 120
    while True:
        container.reload()
        state = container.attrs["State"]
        if state["Health"]["Status"] == "healthy":
            return
        assert state["Status"] == "running", container.logs().decode()
        assert time.monotonic() < ends, (state["Health"], container.logs().decode()[-2000:])
        time.sleep(0.2)


def ready(url: str, started: list[Container]) -> None:
    """Waits until the API misses nothing; says what became of each container when that does not happen."""
    ends = time.monotonic() + 60
    while (answer := httpx.get(url)).status_code != 200:
        if time.monotonic() > ends:
            for container in started:
                container.reload()
            told = [(c.attrs["State"], c.logs(tail=20).decode()) for c in started]
            pytest.fail(f"{answer.text}\n{told}")
        time.sleep(0.5)


def inside(engine: docker.DockerClient, script: str) -> str:
    return engine.containers.run(TAG, ["-c", script], entrypoint="sh", network_mode="none", remove=True).decode()


def test_the_image_is_no_root_and_has_no_compiler(engine: docker.DockerClient) -> None:
    assert inside(engine, "id -u").strip() == "10001"
    assert inside(engine, "command -v gcc cc make pip npm || true").strip() in {"", "/usr/bin/npm"}
    assert "no module" in inside(engine, "python -m pip --version 2>&1 || true").lower()


def test_the_image_holds_nothing_of_the_checkout_but_the_product(engine: docker.DockerClient) -> None:
    assert inside(engine, "ls /src 2>/dev/null || true") == ""
    assert (
        inside(
            engine, "find / -xdev \\( -name '.env*' -o -name .git -o -name conftest.py \\) 2>/dev/null || true"
        ).strip()
        == ""
    )


def test_alone_it_is_the_embedded_product(engine: docker.DockerClient) -> None:
    port = free_port()
    container = engine.containers.create(TAG, environment={"NIGHTDESK_PORT": str(port)}, network_mode="host")
    container.start()
    try:
        healthy(container)
        assert '<div id="root"' in httpx.get(f"http://127.0.0.1:{port}/").text
        container.stop(timeout=20)
        assert container.wait()["StatusCode"] == 0
    finally:
        container.remove(force=True, v=True)


def test_the_services_start_in_the_order_of_the_compose_file(
    engine: docker.DockerClient, project: Project, door: int, tmp_path: Path
) -> None:
    tmp_path.chmod(0o777)
    script = ROOT / "deploy" / "connect_alertmanager.sh"
    shared = [f"{script}:/connect_alertmanager.sh:ro", f"{tmp_path}:/run/nightdesk"]
    with service(engine, "migrate", project, door) as migrate:
        assert "up to date" in finished(migrate)
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(service(engine, name, project, door))
            for name in ("api", "checks", "agent", "actions", "notify")
        ]
        for container in started:
            healthy(container)
        ready(f"http://127.0.0.1:{door}/readyz", started)
        assert httpx.get(f"http://127.0.0.1:{door}/api/config").json()["mode"] == "supabase"

        with service(engine, "connect", project, door, volumes=shared) as connect:
            finished(connect)
        url = (tmp_path / "alertmanager-url").read_text()
        assert re.fullmatch(r"http://api:8700/webhooks/alertmanager/\S{20,}", url)
        with service(engine, "connect", project, door, volumes=shared) as again:
            finished(again)
        assert (tmp_path / "alertmanager-url").read_text() == url

        received = httpx.post(url.replace("http://api:8700", f"http://127.0.0.1:{door}"), json=_alert())
        assert received.status_code == 202, received.text
        with psycopg.connect(project.url) as connection:
            row = connection.execute("select target, source_type from public.incidents").fetchone()
        assert row == ("shop", "container")
        assert httpx.get(f"http://127.0.0.1:{door}/metrics").status_code == 200


def _alert() -> dict[str, Any]:
    """As the rule ContainerOutOfMemory arrives."""
    labels = {"alertname": "ContainerOutOfMemory", "job": "cadvisor", "name": "shop", "instance": "cadvisor:8080"}
    alert = {
        "status": "firing",
        "labels": {**labels, "severity": "critical"},
        "annotations": {"summary": "shop was killed for lack of memory"},
        "startsAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus:9090/graph",
        "fingerprint": "f00d",
    }
    group = json.loads((ROOT / "tests" / "deploy" / "group.json").read_text())
    return {**group, "alerts": [alert]}
