"""Log lines: one per event, with what is bound to it, and never a secret, wherever it hides."""

import json
import logging
from collections.abc import Generator
from typing import Any

import pytest
import structlog

from backend.logs import HIDDEN, Format, choose_format, configure_logging


@pytest.fixture(autouse=True)
def restored() -> Generator[None]:
    root = logging.getLogger()
    before = root.handlers, root.level
    yield
    root.handlers, root.level = before
    structlog.reset_defaults()


def logged(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    (line,) = capsys.readouterr().out.splitlines()
    return json.loads(line)


def test_a_line_carries_the_process_and_what_is_bound(capsys: pytest.CaptureFixture[str]):
    configure_logging("agent", "json", "info")
    with structlog.contextvars.bound_contextvars(incident_id="i-1"):
        structlog.get_logger("x").info("opened", count=2)

    line = logged(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"process": "agent", "event": "opened", "level": "info", "incident_id": "i-1", "count": 2}


def test_libraries_speak_in_the_same_form_and_only_when_it_matters(capsys: pytest.CaptureFixture[str]):
    configure_logging("api", "json", "info")
    logging.getLogger("uvicorn.access").info("GET /webhooks/alertmanager/ndi_secret")
    logging.getLogger("uvicorn.error").warning("odd %s", "thing")

    line = logged(capsys)
    assert (line["process"], line["event"], line["level"]) == ("api", "odd thing", "warning")


@pytest.mark.parametrize(
    "fields",
    [
        {"password": "s3cr3t"},
        {"nested": {"api_key": "s3cr3t"}},
        {"items": [{"Authorization": "s3cr3t"}]},
        {"webhook_token": "s3cr3t"},
        {"error": "cannot connect to postgresql://postgres:s3cr3t@db/postgres"},
        {"header": "Bearer s3cr3ts3cr3t"},
        {"key": "sb_secret_s3cr3ts3cr3t"},
    ],
)
@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_are_hidden(capsys: pytest.CaptureFixture[str], fields: dict[str, Any], form: Format):
    configure_logging("api", form, "info")
    structlog.get_logger().info("event", **fields)

    said = capsys.readouterr().out
    assert "s3cr3t" not in said
    assert HIDDEN in said


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_neither_secrets_nor_variables(capsys: pytest.CaptureFixture[str], form: Format):
    configure_logging("api", form, "info")
    kept = "a-local-variable"
    try:
        raise OSError("postgresql://postgres:s3cr3t@db/postgres")
    except OSError:
        structlog.get_logger().exception("failed")

    said = capsys.readouterr().out
    assert "OSError" in said
    assert "s3cr3t" not in said.replace('raise OSError("postgresql://postgres:s3cr3t@', "")
    assert said.count(kept) == 0


def test_what_only_looks_secret_is_shown(capsys: pytest.CaptureFixture[str]):
    configure_logging("agent", "json", "info")
    structlog.get_logger().info("model", tokens_in=10, tokens_out=20)
    assert logged(capsys)["tokens_in"] == 10


def test_without_a_terminal_lines_are_json():
    assert choose_format("auto") == "json"
    assert choose_format("console") == "console"
