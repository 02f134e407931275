"""A running agent says what it cannot reach: another shell's settings do not know, and the System page has none."""

import pytest

from backend import doctor
from backend.doctor import Finding
from backend.health import RUNNING, TROUBLE
from backend.reach import said
from backend.settings import Settings

DOCKER = Finding("docker", "ok", "Docker 29 at /var/run/docker.sock")
LOKI = Finding("loki", "unused", "not set")
ODD = Finding("loki", "failed", "http://ops:p@ss@loki:3100/ready: refused")
REFUSED = Finding("prometheus", "failed", "http://ann:secret@prometheus:9090/-/ready: refused")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([LOKI], RUNNING),
        ([DOCKER, LOKI], "looks at docker"),
        ([ODD], f"{TROUBLE}loki (http://loki:3100/ready: refused)"),
        ([DOCKER, REFUSED], f"{TROUBLE}prometheus (http://prometheus:9090/-/ready: refused)"),
    ],
)
def test_one_line_for_all_of_them(found: list[Finding], message: str):
    assert said(found) == message


async def test_what_is_set_and_does_not_answer_is_named():
    settings = Settings.model_validate({"prometheus_url": "http://127.0.0.1:1"})
    message = said(await doctor.sources(settings))
    assert message.startswith(TROUBLE)
    assert "prometheus (http://127.0.0.1:1/-/ready: " in message
