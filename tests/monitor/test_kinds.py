"""What a monitor may be told to do, and what not."""

from typing import Any

import pytest

from backend.monitor.kinds import CONFIGS, TYPES, HttpConfig, check_address, check_config


def test_every_type_has_its_configuration():
    assert set(CONFIGS) == set(TYPES)


@pytest.mark.parametrize(
    ("ranges", "healthy", "unhealthy"),
    [
        (["200-299"], [200, 204, 299], [199, 300, 500]),
        (["200"], [200], [201, 404]),
        (["200-299", "401", "500-599"], [200, 401, 503], [302, 400, 403]),
    ],
)
def test_expected_status(ranges: list[str], healthy: list[int], unhealthy: list[int]):
    config = HttpConfig(expected_status=tuple(ranges))
    assert [config.expects(code) for code in healthy] == [True] * len(healthy)
    assert [config.expects(code) for code in unhealthy] == [False] * len(unhealthy)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"method": "BREW"}, "config.method"),
        ({"expected_status": []}, "config.expected_status"),
        ({"expected_status": ["2xx"]}, "a range as"),
        ({"expected_status": ["299-200"]}, "a range as"),
        ({"expected_status": ["600"]}, "a range as"),
        ({"headers": {"bad name": "x"}}, "not the name of a header"),
        ({"headers": {"x": "a\r\nInjected: yes"}}, "visible ASCII"),
        ({"headers": {"x": 7}}, "config.headers.x"),
        ({"keyword": ""}, "config.keyword"),
        ({"logs_file": "relative/path"}, "absolute path"),
        ({"verify_tls": "perhaps"}, "config.verify_tls"),
        ({"shell": "rm -rf /"}, "config.shell"),
    ],
)
def test_a_bad_configuration_is_refused_by_name(config: dict[str, Any], says: str):
    with pytest.raises(ValueError, match=says):
        check_config("http", config)


@pytest.mark.parametrize(
    "address", ["http://localhost:8080/health", "https://shop.example", "http://10.0.0.7", "http://[::1]:80/"]
)
def test_addresses_that_are_asked(address: str):
    check_address("http", address)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://host/x",
        "gopher://host",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "//host/path",
        "host:80",
        "",
        "http://host:99999/",
        "http://[::1",
        "http://host/a b",
        "http://host/\r\nX: y",
        "unix:///var/run/docker.sock",
    ],
)
def test_addresses_that_are_not(address: str):
    with pytest.raises(ValueError, match="http:// or https://"):
        check_address("http", address)
