"""What stands in a container's way on its machine: a port that another holds, a network that it is not on."""

from typing import Any

import pytest

from agent_graph.analysts.rules.context.wired import wired
from agent_graph.analysts.rules.facts import Container, Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.sources.docker.wiring import wiring
from backend.investigation.kinds import Category
from tests.agent_graph.cases import case

_LABELS = {"com.docker.compose.project": "shop"}


def _listed(name: str, *, port: int = 0, nets: str = "", state: str = "running", project: str = "shop") -> Any:
    return {
        "Names": [f"/shop-{name}-1"],
        "State": state,
        "Labels": {"com.docker.compose.project": project, "com.docker.compose.service": name},
        "Ports": [{"PublicPort": port}] if port else [],
        "NetworkSettings": {"Networks": {net: {} for net in nets.split()}},
    }


def _told(category: Category, statement: str, inspected: dict[str, Any], *others: Any) -> str:
    lines = wiring({"Name": "/shop-web-1", "Config": {"Labels": _LABELS}, **inspected}, others)
    quotes = {line.split(":", 1)[0]: line for line in lines}
    container = Container("E1", {"container": "shop-web-1", "of_target": True}, quotes)
    finding = Finding(category, statement, [], "strong")
    return " ".join(why for why, _ in wired(finding, Facts(case(), containers=[container])))


_BOUND = {"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}, "State": {"Running": False}}
_TAKEN = "web: Bind for 0.0.0.0:8080 failed: port is already allocated."


@pytest.mark.parametrize(
    ("statement", "inspected", "other", "told"),
    [
        (_TAKEN, _BOUND, _listed("preview", port=8080, project="pr-7"), "held by shop-preview-1"),
        ("listen tcp4 0.0.0.0:8080: bind: address already in use", _BOUND, _listed("old", port=8080), "shop-old-1"),
        # Who has ended holds nothing; another port is nobody's trouble; who runs has its port.
        (_TAKEN, _BOUND, _listed("preview", port=8080, state="exited"), ""),
        (_TAKEN, _BOUND, _listed("preview", port=8081), ""),
        (_TAKEN, {**_BOUND, "State": {"Running": True}}, _listed("preview", port=8080), ""),
        ("web crashed: KeyError 8080", _BOUND, _listed("preview", port=8080), ""),
    ],
)
def test_who_holds_the_port_is_named(statement: str, inspected: dict[str, Any], other: Any, told: str) -> None:
    said = _told("config_error", statement, inspected, other)
    assert told in said
    assert bool(said) == bool(told)


def _on(*nets: str, mode: str = "shop_back") -> dict[str, Any]:
    return {"NetworkSettings": {"Networks": {n: {} for n in nets}}, "HostConfig": {"NetworkMode": mode}}


@pytest.mark.parametrize(
    ("category", "statement", "inspected", "other", "told"),
    [
        ("dns_failure", "getaddrinfo: redis:6379", _on("back"), _listed("redis", nets="cache"), "on the network cache"),
        ("network_error", "dial tcp: lookup shop-db-1: no", _on("a", "b"), _listed("db", nets="c d"), "network c, d"),
        # On one network in common it is something else; nor of those nobody complains of, nor of other projects.
        ("dns_failure", "getaddrinfo: redis:6379", _on("back"), _listed("redis", nets="cache back"), ""),
        ("dns_failure", "getaddrinfo: redis-ha:6379", _on("back"), _listed("redis", nets="cache"), ""),
        ("dns_failure", "lookup redis.example.org", _on("back"), _listed("db", nets="cache"), ""),
        ("dns_failure", "getaddrinfo: redis:6379", _on("back"), _listed("redis", nets="cache", project="x"), ""),
        ("dns_failure", "getaddrinfo: redis", _on("host", mode="host"), _listed("redis", nets="cache"), ""),
        ("oom", "killed beside redis", _on("back"), _listed("redis", nets="cache"), ""),
    ],
)
def test_who_is_on_another_network_is_named(
    category: Category, statement: str, inspected: dict[str, Any], other: Any, told: str
) -> None:
    said = _told(category, statement, inspected, other)
    assert told in said
    assert bool(said) == bool(told)
