"""Starting and restarting real containers on a real engine; and an engine that does not answer."""

import asyncio
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actions.engine import DockerEngine, open_client
from actions.kinds import NotPossible, Order, Tools
from actions.registry import runner_for
from actions.runners.docker import LOOPING, RestartContainer, StartContainer
from backend.action.kinds import CATALOGUE
from backend.connection.docker import EngineAddress, UnusableDockerHost, docker_engine
from backend.errors import Unavailable
from backend.settings import load_settings
from tests.actions.containers import Containers
from tests.actions.hook_server import hangs, hook_server, says
from tests.real import needs_docker


def now() -> datetime:
    return datetime.now(UTC)


def order(kind: str, container: str, state: dict[str, Any] | None = None, **params: Any) -> Order:
    return Order(
        action_id=uuid.uuid4(),
        incident_id=uuid.uuid4(),
        kind=kind,
        title="",
        params=CATALOGUE[kind].params.model_validate({"container": container, **params}),
        target=container,
        status="executing",
        target_state=state or {},
        hook=None,
    )


@needs_docker
async def test_a_restart_happens_once_and_to_the_approved_container(
    engine: DockerEngine, docker_containers: Containers
):
    started, web = time.time(), docker_containers.run()
    runner, wanted = RestartContainer(engine), order("docker.restart_container", str(web.name), stop_timeout_seconds=5)
    preview, state = await runner.preview(wanted, now()), await runner.target_state(wanted, now())
    assert state is not None
    assert (state["container_id"], state["status"], state["restart_count"]) == (web.id, "running", 0)
    assert preview.command == f"docker restart -t 5 {web.name}"
    assert any("no health check" in warning for warning in preview.warnings)
    result = await runner.run(replace(wanted, target_state=state))
    assert result.outcome == "succeeded"
    assert docker_containers.happened(web, started).count("restart") == 1
    after = result.after_state
    assert after is not None
    assert (after["container_id"], after["status"]) == (web.id, "running")
    assert after["started_at"] != state["started_at"]
    assert await runner.target_state(wanted, now()) != state


@needs_docker
async def test_a_stopped_container_is_started(engine: DockerEngine, docker_containers: Containers):
    web = docker_containers.run("exit 3")
    docker_containers.wait_for(web, "exited")
    runner, wanted = StartContainer(engine), order("docker.start_container", str(web.name))
    preview, state = await runner.preview(wanted, now()), await runner.target_state(wanted, now())
    assert state is not None
    assert "exited with code 3" in preview.summary
    result = await runner.run(replace(wanted, target_state=state))
    assert result.outcome == "succeeded"


@needs_docker
async def test_starting_what_runs_is_not_proposed(engine: DockerEngine, docker_containers: Containers):
    web = docker_containers.run()
    with pytest.raises(NotPossible, match="would change nothing"):
        await StartContainer(engine).preview(order("docker.start_container", str(web.name)), now())


@needs_docker
async def test_a_container_that_is_not_there(engine: DockerEngine):
    runner, wanted = RestartContainer(engine), order("docker.restart_container", "no-such-container")
    assert await runner.target_state(wanted, now()) is None
    with pytest.raises(NotPossible, match="no container"):
        await runner.preview(wanted, now())
    result = await runner.run(replace(wanted, target_state={"container_id": "0" * 64}))
    assert (result.outcome, "404" in (result.error or "")) == ("failed", True)


@needs_docker
async def test_another_container_of_the_same_name_is_another_target(
    engine: DockerEngine, docker_containers: Containers
):
    web = docker_containers.run()
    runner, wanted = RestartContainer(engine), order("docker.restart_container", str(web.name))
    before = await runner.target_state(wanted, now())
    docker_containers.replace(web)
    after = await runner.target_state(wanted, now())
    assert before is not None
    assert after is not None
    assert before["container_id"] != after["container_id"]


@needs_docker
async def test_a_restart_loop_is_one_state_and_not_a_new_one_every_minute(
    engine: DockerEngine, docker_containers: Containers
):
    web = docker_containers.run("exit 1", restart_policy={"Name": "always"})
    runner, wanted = RestartContainer(engine), order("docker.restart_container", str(web.name))
    docker_containers.wait_for_restarts(web, 2)
    first = await runner.target_state(wanted, now())
    assert first is not None
    assert first["status"] == LOOPING
    docker_containers.wait_for_restarts(web, 4)
    assert await runner.target_state(wanted, now()) == first
    assert any("times already" in warning for warning in (await runner.preview(wanted, now())).warnings)


# An engine that does not answer as it should


async def test_an_engine_that_goes_silent_leaves_the_outcome_unknown():
    async with hook_server(hangs) as server:
        address = EngineAddress(server.url.rsplit("/", 2)[0])
        async with open_client(address) as client:
            runner = StartContainer(DockerEngine(address, client))
            task = asyncio.create_task(runner.run(order("docker.start_container", "web", {"container_id": "1"})))
            await server.arrived.wait()
            server.requests.clear()
            # The connection breaks after the request was read.
            for connection in server.tasks:
                connection.cancel()
            result = await task
    assert result.outcome == "unknown"
    assert server.requests == []


@pytest.mark.parametrize("answer", [says(500, b'{"message":"no"}'), says(200, b"not json"), says(200, b"{}")])
async def test_an_engine_that_answers_nonsense_can_be_asked_again(answer: Any):
    async with hook_server(answer) as server:
        address = EngineAddress(server.url.rsplit("/", 2)[0])
        async with open_client(address) as client:
            with pytest.raises(Unavailable) as refused:
                await DockerEngine(address, client).inspect("web")
    assert refused.value.retryable


async def test_an_engine_that_cannot_be_reached_was_asked_nothing(tmp_path: Path):
    address = EngineAddress("http://127.0.0.1:9")
    async with open_client(address) as client:
        result = await StartContainer(DockerEngine(address, client)).run(
            order("docker.start_container", "web", {"container_id": "1"})
        )
    assert (result.outcome, "Nothing was done" in (result.error or "")) == ("failed", True)


async def test_without_an_engine_there_is_a_reason(tmp_path: Path):
    address = docker_engine(load_settings(docker_host=f"unix://{tmp_path}/docker.sock"))
    async with open_client(address) as client:
        runner = runner_for("docker.start_container", Tools(client, DockerEngine(address, client)))
        with pytest.raises(NotPossible, match="No Docker engine is connected"):
            await runner.target_state(order("docker.start_container", "web"), now())
        with pytest.raises(NotPossible, match="ssh"):
            runner_for("docker.start_container", Tools(client, "DOCKER_HOST: ssh: is not supported"))


@pytest.mark.parametrize(
    ("host", "url", "socket"),
    [
        ("unix:///run/user/1000/docker.sock", "http://docker", "/run/user/1000/docker.sock"),
        ("tcp://10.0.0.5:2375", "http://10.0.0.5:2375", None),
        ("https://docker.example.org:2376", "https://docker.example.org:2376", None),
    ],
)
def test_where_the_engine_is(host: str, url: str, socket: str | None):
    address = docker_engine(load_settings(docker_host=host))
    assert (address.base_url, address.socket) == (url, socket and Path(socket))


@pytest.mark.parametrize("host", ["ssh://root@host", "docker.example.org", "tcp://", "npipe:////./pipe/docker"])
def test_ways_that_cannot_be_gone_are_named(host: str):
    with pytest.raises(UnusableDockerHost):
        docker_engine(load_settings(docker_host=host))
