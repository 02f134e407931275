"""The gateway leads to Nightdesk, sign-in and live channels, and to nothing else."""

from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.neighbours import echo
from tests.deploy.nginx import needs_nginx, nginx

pytestmark = needs_nginx


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Generator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("gateway")
    with ExitStack() as stack:
        api, auth, realtime = (stack.enter_context(echo(name)) for name in ("api", "auth", "realtime"))
        neighbours = {"api:8700": api, "auth:9999": auth, "realtime:4000": realtime, "127.0.0.11 ": "127.0.0.1 "}
        url = stack.enter_context(nginx("gateway", 8700, neighbours, folder))
        yield stack.enter_context(httpx.Client(base_url=url, timeout=10))


def asked(gateway: httpx.Client, method: str, path: str, **more: Any) -> dict[str, Any]:
    return gateway.request(method, path, **more).raise_for_status().json()


@pytest.mark.parametrize(
    ("method", "path", "who", "arrives"),
    [
        ("GET", "/", "api", "/"),
        ("GET", "/api/incidents?status=detected&q=a%20b", "api", "/api/incidents?status=detected&q=a%20b"),
        ("POST", "/webhooks/alertmanager/token", "api", "/webhooks/alertmanager/token"),
        ("GET", "/healthz", "api", "/healthz"),
        ("POST", "/auth/v1/token?grant_type=password", "auth", "/token?grant_type=password"),
        ("GET", "/auth/v1/.well-known/jwks.json", "auth", "/.well-known/jwks.json"),
        ("DELETE", "/auth/v1/factors/1", "auth", "/factors/1"),
        ("GET", "/realtime/v1/websocket?apikey=k&vsn=2.0.0", "realtime", "/socket/websocket?apikey=k&vsn=2.0.0"),
        ("POST", "/realtime/v1/api/broadcast", "realtime", "/api/broadcast"),
        ("POST", "/realtime/v1/api/broadcast/t/events/e?p=1", "realtime", "/api/broadcast/t/events/e?p=1"),
    ],
)  # fmt: skip
def test_each_address_has_one_answerer(gateway: httpx.Client, method: str, path: str, who: str, arrives: str) -> None:
    found = asked(gateway, method, path)
    assert (found["who"], found["method"], found["path"]) == (who, method, arrives)


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/realtime/v1/api/tenants",
        "/realtime/v1/api/tenants/realtime-dev",
        "/realtime/v1/api/broadcast/../tenants",
        "/realtime/v1/admin",
        "/realtime/v1/metrics",
        "/realtime/socket/websocket",
    ],
)
def test_what_is_not_for_browsers_is_not_there(gateway: httpx.Client, path: str) -> None:
    # httpx would tidy the path itself; a stranger's client does not.
    request = gateway.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    assert gateway.send(request).status_code == 404


def test_a_socket_is_upgraded_and_finds_its_tenant(gateway: httpx.Client) -> None:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    found = asked(gateway, "GET", "/realtime/v1/websocket", headers=headers)["headers"]
    assert (found["host"], found["upgrade"], found["connection"]) == ("realtime-dev", "websocket", "upgrade")


def test_nightdesk_learns_who_asks_and_under_which_name(gateway: httpx.Client) -> None:
    headers = {"Host": "nightdesk.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    found = asked(gateway, "GET", "/", headers=headers)["headers"]
    assert found["host"] == "nightdesk.example.org"
    assert found["x-forwarded-proto"] == "https"
    assert found["x-forwarded-for"] == "192.0.2.7, 127.0.0.1"


def test_the_largest_webhook_passes_and_a_larger_one_is_refused(gateway: httpx.Client) -> None:
    assert gateway.post("/webhooks/alertmanager/t", content=b"x" * 16_000_000).status_code == 200
    assert gateway.post("/webhooks/alertmanager/t", content=b"x" * 18_000_000).status_code == 413
