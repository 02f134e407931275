"""The container source at the wire: what it asks, how it reads the answers, and what it says when there are none."""

import contextlib
import ctypes
import os
import socket
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.remedies import remedy
from agent_graph.deps import Ask
from agent_graph.evaluation import recorded_docker
from agent_graph.sources.docker import evidence as made
from backend.connection.docker import EngineAddress, UnusableDockerHost, docker_engine, engine_name, engines
from backend.incident.rules import Refusal
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import load_settings
from tests.agent_graph.asking import first, sources
from tests.agent_graph.cases import BEGAN, NOW, alert, case
from tests.fakes.docker import Docker, fake_docker, frames, inspected

SHOP = {"com.docker.compose.project": "shop"}
WEB = {**SHOP, "com.docker.compose.service": "web"}
NEEDS = {**WEB, "com.docker.compose.depends_on": "db:service_healthy:false,migrate:service_completed_successfully"}
EXITED: dict[str, Any] = {"Running": False, "ExitCode": 1, "FinishedAt": f"{BEGAN:%Y-%m-%dT%H:%M:%SZ}"}


async def asked(engine: Docker, tmp_path: Path, told: CaseFile | None = None, **settings: Any) -> list[Evidence]:
    """What the source finds, labelled as a notebook would."""
    host = "podman_host" if engine.podman else "docker_host"
    values = {"source_timeout_seconds": 20.0, "docker_host": None, host: engine.url.replace("http", "tcp"), **settings}
    async with sources(tmp_path, **values) as opened:
        found = await first(opened, "docker", told or case(alerts=[alert()]))
    return [one.model_copy(update={"label": f"E{place}"}) for place, one in enumerate(found, start=1)]


def titled(found: list[Evidence], start: str) -> Evidence:
    return next(one for one in found if one.title.startswith(start))


# Stats

V1 = {"total_inactive_file": 40 << 20, "inactive_file": 1, "total_active_file": 10 << 20}
V2 = {"inactive_file": 40 << 20, "active_file": 50 << 20}


def sample(second: float, *, cpu: float = 0.0, periods: int = 0, held: int = 0, **more: Any) -> Any:
    return {
        "read": f"2026-11-21T03:09:{second:013.10f}Z",
        "cpu_stats": {
            "cpu_usage": {"total_usage": int(cpu * 1e9)},
            "throttling_data": {"periods": periods, "throttled_periods": held},
        },
        **more,
    }


def memory(used_mib: int, stats: dict[str, int] | None = None) -> Any:
    return {"usage": used_mib << 20, "limit": 1 << 40, **({"stats": stats} if stats else {})}


FULL: dict[str, Any] = {
    "pids_stats": {"current": 20, "limit": 20},
    "blkio_stats": {"io_service_bytes_recursive": [{"op": "Read", "value": 1024}, {"op": "write", "value": 4096}]},
    "networks": {"eth0": {"rx_errors": 1, "tx_errors": 2, "rx_dropped": 0, "tx_dropped": 4}},
}
LIMITED = {"Memory": 100 << 20, "NanoCpus": 500_000_000}
USES: dict[str, tuple[list[Any], Any, str, list[str], list[tuple[str, str]]]] = {
    "cgroup v1: idle file pages do not count": (
        [sample(1, memory_stats=memory(100, V1))],
        LIMITED,
        "resource_use",
        ["memory: 60.0 MiB in use of 100.0 MiB (60% of its limit)"],
        [],
    ),
    "cgroup v2, near its limit": (
        [sample(1, memory_stats=memory(135, {**V2, "active_file": 5 << 20}))],
        LIMITED,
        "memory",
        ["memory: 95.0 MiB in use of 100.0 MiB (95% of its limit)"],
        [],
    ),
    "full of cache is not full": (
        [sample(1, memory_stats=memory(136, V2))],
        LIMITED,
        "resource_use",
        [
            "memory: 96.0 MiB in use of 100.0 MiB (96% of its limit),"
            " most of it file cache that the kernel can take back"
        ],
        [],
    ),
    "Podman tells no breakdown, and the host's memory where there is no limit": (
        [sample(1, memory_stats=memory(60), pids_stats={"current": 2})],
        {},
        "resource_use",
        ["memory: 60.0 MiB in use, no limit", "processes and threads: 2"],
        [],
    ),
    "held back now and before": (
        [
            sample(1, cpu=10, periods=100, held=30, memory_stats=memory(1)),
            sample(1.5, cpu=10.25, periods=105, held=35, memory_stats=memory(1)),
        ],
        LIMITED,
        "resource_use",
        [
            "CPU: 0.50 cores in use of 0.5 allowed",
            "CPU held back by its limit in 33% of 105 periods since it started, in 100% of the latest 5",
        ],
        [("cpu_throttling", "strong")],
    ),
    "held back for a moment is no more than a hint": (
        [sample(1, periods=1000, held=1), sample(1.5, periods=1005, held=5)],
        LIMITED,
        "resource_use",
        ["memory: not told"],
        [("cpu_throttling", "weak")],
    ),
    "held back long ago": (
        [sample(1, periods=1000, held=100), sample(1.5, periods=1005, held=100)],
        LIMITED,
        "resource_use",
        ["CPU held back by its limit in 10% of 1,005 periods since it started, in 0% of the latest 5"],
        [],
    ),
    "no process more": (
        [sample(1, memory_stats=memory(1), **FULL)],
        {},
        "resource_use",
        [
            "processes and threads: 20 of 20 allowed",
            "disk since it started: 1.0 KiB read, 4.0 KiB written",
            "network since it started: 3 errors, 4 packets dropped",
        ],
        [("trouble", "strong")],
    ),
    "fields of other types and none at all": (
        [{"read": "2026-11-21T03:09:01Z", "memory_stats": None, "pids_stats": {"limit": 2**64 - 1}, "networks": []}],
        {"Memory": None, "CpuQuota": -1},
        "resource_use",
        ["memory: not told"],
        [],
    ),
}


@pytest.mark.parametrize("name", USES)
def test_what_a_container_uses(name: str):
    samples, host, role, lines, signs = USES[name]
    (found,) = made.use(case(), "web", inspected("web", HostConfig=host), samples, "GET stats")
    assert found.data["role"] == role
    assert set(lines) <= set(found.content.split("\n"))
    assert [(one["category"], one["weight"]) for one in found.data["signs"]] == signs
    assert all(one["quote"] in found.content for one in found.data["signs"])


async def test_a_sick_container_at_its_memory_limit_is_explained_by_what_the_engine_measured(tmp_path: Path):
    unwell = inspected("web", HostConfig=LIMITED, Health={"Status": "unhealthy", "FailingStreak": 3})
    with fake_docker(unwell) as engine:
        engine.stats["web"] = [sample(1, memory_stats=memory(97)), sample(1.5, memory_stats=memory(98))]
        found = await asked(engine, tmp_path)
    draft = analyse(case(alerts=[alert()]), found)
    assert (draft.verdict, draft.category) == ("incident", "memory_pressure")
    used = titled(found, "Resource use")
    assert used.query == "GET /containers/web/stats?stream=false&one-shot=true, twice, 0.5 s apart"
    assert [point[1] for point in used.data["series"][0]["points"]] == [97 << 20, 98 << 20]


# Siblings

DOWN = inspected("shop-db-1", labels={**SHOP, "com.docker.compose.service": "db"}, **EXITED, OOMKilled=True)
DONE = inspected("shop-migrate-1", labels={**SHOP, "com.docker.compose.service": "migrate"}, Running=False)
MAIL = inspected("shop-mail-1", labels={**SHOP, "com.docker.compose.service": "mail"})
OTHER = inspected("else-1", labels={"com.docker.compose.project": "else"}, **EXITED)


async def test_it_is_the_dependency_and_all_replicas_suffer(tmp_path: Path):
    replicas = [inspected(f"shop-web-{n}", labels=NEEDS, **EXITED) for n in (1, 2)]
    with fake_docker(*replicas, DOWN, DONE, MAIL, OTHER) as engine:
        engine.logs["shop-db-1"] = frames("FATAL: the disk is full")
        found = await asked(engine, tmp_path)
    around = titled(found, "Siblings")
    assert (
        around.summary
        == "In project shop: of 2 replicas of web all in trouble; its dependency db is exited (exit code 1)."
    )
    assert around.content.split("\n")[1:] == [
        "shop-db-1 (dependency, service db): exited, exit code 1, killed for memory (OOMKilled),"
        f" since {BEGAN:%Y-%m-%dT%H:%M:%SZ}",
        "shop-migrate-1 (dependency, service migrate): exited, exit code 0",
        "shop-mail-1 (sibling, service mail): running",
    ]
    assert "GET /containers/shop-db-1/json" in around.query
    words = titled(found, "Logs of shop-db-1 (dependency)")
    assert "the disk is full" in words.content
    assert words.data["own"] is False
    draft = analyse(case(alerts=[alert()]), found)
    assert around.summary in draft.reasoning
    assert (draft.verdict, draft.category) == ("incident", "dependency_failure")
    assert "its dependency db is exited (exit code 1)" in draft.root_cause


async def test_one_replica_of_three_while_everything_it_needs_is_up(tmp_path: Path):
    up = inspected("shop-db-1", labels={**SHOP, "com.docker.compose.service": "db"})
    replicas = [inspected(f"shop-web-{n}", labels=NEEDS) for n in (1, 3)]
    with fake_docker(inspected("shop-web-2", labels=NEEDS, **EXITED), *replicas, up) as engine:
        (around,) = [one for one in await asked(engine, tmp_path, case("shop-web-2")) if "Siblings" in one.title]
    assert "of 3 replicas of web 1 (shop-web-2) in trouble; everything it depends on is up" in around.summary
    assert not around.data["signs"]


async def test_a_large_project_is_asked_about_within_bounds(tmp_path: Path):
    many = [
        inspected(f"shop-job-{n}", labels={**SHOP, "com.docker.compose.service": f"job{n}"}, **EXITED)
        for n in range(60)
    ]
    with fake_docker(inspected("web", labels=WEB, **EXITED), *many) as engine:
        found = await asked(engine, tmp_path)
    assert sum(request.path.startswith("/containers/shop-job") for request in engine.requests) <= 8 + 2 * 4
    assert "and 20 more containers" in titled(found, "Siblings").content


async def test_a_model_may_ask_about_a_neighbour_and_learns_nothing_of_the_target_by_it(tmp_path: Path):
    busy = [sample(1, periods=9, held=9, memory_stats=memory(99)), sample(2, periods=19, held=19)]
    with fake_docker(inspected("db", HostConfig=LIMITED), inspected("off", **EXITED)) as engine:
        engine.stats["db"] = busy
        async with sources(tmp_path, docker_host=engine.url, source_timeout_seconds=20.0) as opened:
            source = opened.present["docker"]

            def ask(what: str, name: str) -> Ask:
                return Ask(source="docker", what=what, args={"container": name})

            (used,) = await source.answer(case(), ask("docker_stats", "db"))
            (idle,) = await source.answer(case(), ask("docker_stats", "off"))
            (gone,) = await source.answer(case(), ask("docker_inspect", "gone"))
    assert "memory: 99.0 MiB in use of 100.0 MiB" in used.content
    assert (used.data["role"], used.data["signs"]) == ("resource_use", [])
    assert idle.summary == "off does not run and uses nothing."
    assert gone.error == "answered 404: No such container: gone"


# Recordings

PRINTED = [
    {
        "Name": "shop-web-1",
        "State": {"Status": "running", "Running": True},
        "HostConfig": LIMITED,
        "Config": {"Labels": NEEDS},
    },
    {
        "Names": "shop-web-2",
        "State": "running",
        "Status": "Up 3 hours",
        "Labels": ",".join(f"{k}={v}" for k, v in WEB.items()),
    },
    {
        "Name": "shop-db-1",
        "Project": "shop",
        "Service": "db",
        "State": "exited",
        "Status": "Exited (137) 2 minutes ago",
    },
    {"Names": ["mail"], "State": "running", "Status": "Up 3 hours (unhealthy)", "Labels": {**SHOP, "x": "y"}},
    {"Name": "shop-web-1", "CPUPerc": "3.14%", "MemUsage": "95.5MiB / 100MiB", "PIDs": "7"},
    sample(1, name="/shop-web-2", memory_stats=memory(3)),
]


@pytest.mark.parametrize("files", [{"all.json": PRINTED}, {f"{n}.json": one for n, one in enumerate(PRINTED)}])
def test_recordings_of_any_tool_are_read_like_the_engine_itself(files: dict[str, Any]):
    found = recorded_docker.evidence_of(case("web", alerts=[alert()]), files, [event("oom", "1", 6, name="shop-web-1")])
    assert (
        "memory: 95.5 MiB in use of 100.0 MiB (96% of its limit)" in titled(found, "Resource use of shop-web-1").content
    )
    assert "memory: 3.0 MiB" in titled(found, "Resource use of shop-web-2").content
    around = titled(found, "Siblings")
    assert "its dependency db is exited (exit code 137); not well beside it: mail" in around.summary
    assert titled(found, "Engine events").data["signs"][0]["category"] == "oom"


# Changes


def event(action: str, identity: str, minutes: float, **attributes: str) -> Any:
    at = (BEGAN - timedelta(minutes=5) + timedelta(minutes=minutes)).timestamp()
    name = attributes.pop("name", "web")
    labels = {key.replace("_", "-") if key == "config_hash" else key: value for key, value in attributes.items()}
    return {
        "Type": "container",
        "Action": action,
        "Actor": {"ID": identity, "Attributes": {"name": name, **labels}},
        "time": at,
    }


def compose(image: str = "shop:1", config: str = "aa", identity: str = "") -> dict[str, str]:
    also = {"com.docker.compose.image": identity} if identity else {}
    return {**WEB, **also, "image": image, "com.docker.compose.config-hash": config}


def replaced(before: dict[str, str], after: dict[str, str], ended: str = "destroy") -> list[Any]:
    """As Compose does it: the successor is made under a name of its own, and renamed when the other is gone."""
    return [
        event("create", "new", 1, name="old_web", **after),
        event("die", "old", 2, exitCode="0", **before),
        event(ended, "old", 3, **before),
        event("rename", "new", 4, oldName="/old_web", **after),
        event("start", "new", 5, **after),
    ]


CHANGES: dict[str, tuple[list[Any], list[str], list[str]]] = {
    "another image": (
        replaced(compose("shop:1"), compose("shop:2")),
        ["deploy web: image changed from shop:1 to shop:2"],
        ["strong"],
    ),
    "the same tag, another image": (
        replaced(compose(identity="sha256:aaa"), compose(identity="sha256:bbb")),
        ["deploy web: image shop:1 updated (aaa → bbb)"],
        ["strong"],
    ),
    "another configuration": (
        replaced(compose(), compose(config="bb")),
        ["config web: recreated with another configuration (hash aa → bb)"],
        ["strong"],
    ),
    "as it was, in Podman's words": (
        replaced(compose(), compose(), ended="remove"),
        ["other web: container recreated from the same image; nothing else is known to differ"],
        [],
    ),
    "by name, without Compose": (
        [event("destroy", "old", 0, image="a:1"), event("create", "new", 1, image="a:2")],
        ["deploy web: image changed from a:1 to a:2"],
        ["strong"],
    ),
    "new limits": ([event("update", "web", 1)], ["config web: limits or restart policy changed (update)"], ["strong"]),
    "health turns, told at every check by Podman": (
        [
            event("health_status", "web", 1, health_status="healthy"),
            event("health_status", "web", 2, health_status="unhealthy"),
            event("health_status", "web", 3, health_status="unhealthy"),
            event("health_status: healthy", "web", 4),
        ],
        ["other web: its health check turned " + to for to in ("healthy", "unhealthy", "healthy")],
        [],
    ),
    "somebody else's": (
        [event("create", "new", 1, name="db", image="b:2"), event("die", "old", 2, name="db", image="b:1")],
        ["deploy db: image changed from b:1 to b:2"],
        [],
    ),
    "the first of its kind is no change": ([event("create", "new", 1, image="a:2"), event("start", "new", 1)], [], []),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_what_was_changed(name: str, tmp_path: Path):
    happened, rows, weights = CHANGES[name]
    podman = "Podman" in name
    with fake_docker(inspected("web", labels=WEB, **EXITED), podman=podman) as engine:
        engine.events = happened
        found = await asked(engine, tmp_path)
    changed = next((one for one in found if one.kind == "history"), None)
    said = changed.content.split("\n") if changed else []
    assert [line.partition(" ")[2] for line in said] == rows
    assert (
        [one["weight"] for one in changed.data["signs"] if one["category"] == "bad_deploy"] == weights
        if changed
        else not rows
    )
    if weights:
        assert analyse(case(alerts=[alert()]), found).category == "bad_deploy"


# Recovery


@pytest.mark.parametrize(
    ("health", "restarts", "seconds_up", "over"),
    [
        ("healthy", 1, 20, True),
        ("none", 1, 20, False),
        ("none", 1, 90, True),
        ("starting", 1, 90, False),
        ("healthy", 2, 20, False),
        ("healthy", 2, 90, True),
        ("healthy", 3, 90, False),
        ("unhealthy", 1, 90, False),
    ],
)
def test_when_a_restarted_container_counts_as_recovered(health: str, restarts: int, seconds_up: int, over: bool):
    started, ended = NOW - timedelta(seconds=seconds_up), NOW - timedelta(seconds=seconds_up + 1)
    times: dict[str, Any] = {"StartedAt": started.isoformat(), "FinishedAt": ended.isoformat()}
    how: dict[str, Any] = {} if health == "none" else {"Health": {"Status": health, "FailingStreak": 0}}
    found = made.state(case(), inspected("web", RestartCount=restarts, **times, **how), [], of_target=True)
    assert [one["category"] for one in found.data["signs"]][:1] == (["trouble_over"] if over else [])
    assert all(one["quote"] in found.content for one in found.data["signs"])


# Engines


async def test_podman_is_asked_as_podman_and_said_to_be_it(tmp_path: Path):
    with fake_docker(inspected("web", **EXITED), inspected("cache", **EXITED), inspected("far"), podman=True) as engine:
        engine.pods = {"web": "mypod", "cache": "mypod"}
        engine.events = [event("died", "web", 5, containerExitCode="1")]
        found = await asked(engine, tmp_path, case(runtime="podman"))
    assert "engine: Podman 5.2.1" in titled(found, "State").content
    assert titled(found, "Logs").query.startswith("podman logs ")
    assert titled(found, "Siblings of web in pod mypod").summary.endswith("not well beside it: cache.")
    assert titled(found, "Engine events").content.endswith("die exitCode=1")


async def test_the_engine_that_runs_the_target_answers(tmp_path: Path):
    with fake_docker(inspected("web", image="a")) as one, fake_docker(inspected("web", **EXITED), podman=True) as other:
        both = {"docker_host": one.url, "podman_host": other.url}
        podman = await asked(other, tmp_path, case(runtime="podman"), **both)
        nowhere = await asked(other, tmp_path, case("gone"), **both)
        other.statuses = [500]
        docker = await asked(other, tmp_path, case(), **both)
    assert (titled(podman, "State").data["running"], titled(podman, "State").data["acts"]) == (False, False)
    told = case(runtime="podman", alerts=[alert()])
    refused = remedy(told, analyse(told, podman), podman)
    assert isinstance(refused, Refusal)
    assert "web is on an engine that Nightdesk only looks at" in refused.reason
    assert [found.summary for found in nowhere] == [
        "Docker (API 1.41) knows 1 containers, none of them is gone.",
        "Podman 5.2.1 knows 1 containers, none of them is gone.",
    ]
    assert [(found.title, found.error[:12]) for found in docker if found.error] == [
        ("Containers of Podman", "answered 500")
    ]
    assert titled(docker, "State").data["running"]


def test_which_engines_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    default, own = tmp_path / "docker.sock", tmp_path / "podman" / "podman.sock"
    own.parent.mkdir()
    own.touch()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    def known(**settings: Any) -> list[tuple[str, str]]:
        values = load_settings(data_dir=tmp_path, **{"docker_host": None, "podman_host": None, **settings})
        return [(kind, str(address.socket or address.base_url)) for kind, address in engines(values, default)]

    assert known() == [("podman", str(own))]
    assert known(docker_host="tcp://far:2375") == [("docker", "http://far:2375")]
    assert known(podman_host="unix:///p") == [("podman", "/p")]
    assert known(docker_host="unix:///d", podman_host="https://p:1") == [("docker", "/d"), ("podman", "https://p:1")]
    with pytest.raises(UnusableDockerHost, match=r"PODMAN_HOST: ssh: is not supported"):
        known(podman_host="ssh://far")
    settings = load_settings(data_dir=tmp_path, docker_host=None, podman_host=None)
    assert docker_engine(settings, default) == EngineAddress("http://podman", own)
    default.touch()
    assert known() == [("docker", str(default))]
    assert docker_engine(settings, default) == EngineAddress("http://docker", default)


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"libpod-api-version": "4.3.1", "api-version": "1.41"}, "Podman 4.3.1"),
        ({"server": "Docker/28.2.2 (linux)", "api-version": "1.50"}, "Docker 28.2.2"),
        ({"server": "nginx", "api-version": "1.50"}, "Docker (API 1.50)"),
        ({}, "Docker"),
    ],
)
def test_who_answered(headers: dict[str, str], name: str):
    assert engine_name(headers) == name


# Trouble


async def test_a_slow_engine_costs_its_time_and_no_more(tmp_path: Path):
    with fake_docker(inspected("web")) as engine:
        engine.slow_seconds = 0.5
        (found,) = await asked(engine, tmp_path, source_timeout_seconds=0.1)
    assert found.error in ("did not answer within 0.1 s", "timed out")
    assert found.query == "GET /containers/json?all=1"


async def test_an_engine_that_fails_at_everything_but_the_list(tmp_path: Path):
    with fake_docker(inspected("web", labels=WEB)) as engine:
        engine.statuses = [200, *[500] * 20]
        found = await asked(engine, tmp_path)
    assert {one.title for one in found} == {
        "State of container web",
        "Logs of web",
        "Resource use of web",
        "Engine events of web in project shop",
    }
    assert all((one.error or "").startswith("answered 500") for one in found)


async def test_an_answer_that_is_none(tmp_path: Path):
    with fake_docker() as engine:
        engine.garbage = True
        (found,) = await asked(engine, tmp_path)
    assert "could not be understood" in (found.error or "")


async def test_a_container_that_vanishes_between_two_questions(tmp_path: Path):
    with fake_docker(inspected("web", labels=WEB), DOWN) as engine:
        engine.gone = {"web", "shop-db-1"}
        found = await asked(engine, tmp_path)
    assert titled(found, "State").error == "answered 404: No such container: web"
    # What the list said of the sibling stands.
    assert "shop-db-1 (sibling, service db): exited, exit code 1" in titled(found, "Siblings").content


async def test_a_log_too_long_to_be_read_is_read_at_its_end_too(tmp_path: Path):
    noise = [f"2026-11-21T03:00:{n % 60:02}Z INFO request {n} took 12 ms" for n in range(4000)]
    with fake_docker(inspected("web", **EXITED)) as engine:
        engine.logs["web"] = frames(
            "2026-11-21T02:59:59Z INFO up", *noise, "2026-11-21T03:01:00Z FATAL order 7 has no total"
        )
        found = titled(await asked(engine, tmp_path, log_read_bytes=20_000), "Logs")
    assert "INFO up" in found.content
    assert "FATAL order 7 has no total" in found.content
    assert found.truncated


async def test_colours_and_binary_in_a_log_do_not_hide_the_line(tmp_path: Path):
    with fake_docker(inspected("web", **EXITED)) as engine:
        engine.logs["web"] = frames(
            b"\x1b[31m2026-11-21T03:00:00Z\x1b[0m \x1b[1mFATAL\x1b[0m no total",
            b"\x00\xff\xfe\x80\x01",
            b"\x02\0\0\0ab",
            stream=2,
        )
        found = titled(await asked(engine, tmp_path), "Logs")
    assert "2026-11-21T03:00:00Z FATAL no total" in found.content
    assert "\x1b" not in found.content
    assert "\0" not in found.content


@contextlib.contextmanager
def nobody() -> Generator[None]:
    """This thread reaches only those files that nobody in particular may reach; it stays root for everything else."""
    libc = ctypes.CDLL(None)
    libc.setfsuid(65534)
    try:
        yield
    finally:
        libc.setfsuid(os.geteuid())


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be refused a socket of its own")
async def test_a_socket_that_may_not_be_used(tmp_path: Path):
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        path.chmod(0o600)
        with nobody():
            async with sources(tmp_path, docker_host=f"unix://{path}") as opened:
                (found,) = await first(opened, "docker", case())
    assert (found.error or "").startswith(f"cannot be reached: permission for {path} is denied; add the account")


async def test_a_socket_that_is_not_there(tmp_path: Path):
    async with sources(tmp_path, docker_host=f"unix://{tmp_path}/none.sock") as opened:
        (found,) = await first(opened, "docker", case())
    assert (found.error or "").startswith(f"cannot be reached: there is no {tmp_path}/none.sock; the engine does")
