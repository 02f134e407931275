"""Sources at the wire: the exact query kept, caps and time-outs held, whatever goes wrong is evidence that says so."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent_graph.logs.lines import parse
from agent_graph.sources.docker.logs import demultiplex
from agent_graph.sources.registry import OPENERS
from backend.investigation.kinds import Evidence
from tests.agent_graph.asking import first, sources
from tests.agent_graph.cases import BEGAN, NOW, alert, case, down, monitor, up


def test_every_file_that_is_a_source_is_registered():
    folder = Path("agent_graph/sources")
    opening = [path for path in folder.rglob("*.py") if "async def open_source(" in path.read_text()]
    files = {path.stem if path.parent == folder else path.parent.name for path in opening}
    assert files == set(OPENERS)


async def test_what_is_not_configured_is_named(tmp_path: Path):
    async with sources(tmp_path) as opened:
        assert opened.absent == [
            "Kubernetes: not configured",
            "Prometheus: not configured",
            "Loki: not configured",
            "PostgreSQL: no server configured",
        ]


# Log files


async def read(tmp_path: Path, named: str, **settings: Any) -> Evidence:
    told = case("shop", source_type="monitor", runtime=None, monitor=monitor(down(), logs_file=named))
    async with sources(tmp_path, **settings) as opened:
        (found,) = await first(opened, "log_file", told)
    return found


async def test_a_log_file_below_the_drill_folder_is_read_from_its_end(tmp_path: Path):
    folder = tmp_path / "drill" / "logs"
    folder.mkdir(parents=True)
    log = folder / "shop.log"
    old, new = f"{BEGAN - timedelta(days=1):%Y-%m-%d %H:%M:%S}", f"{BEGAN:%Y-%m-%d %H:%M:%S}"
    log.write_text(f"{old} ERROR yesterday\n" * 2000 + f"{new} ERROR today\n")
    found = await read(tmp_path, str(log), log_read_bytes=10_000)
    assert "ERROR today" in found.content
    assert "yesterday" not in found.content
    assert found.truncated


async def test_escapes_are_refused(tmp_path: Path):
    roots, outside = tmp_path / "logs", tmp_path / "outside"
    roots.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("ERROR the secret")
    (roots / "link.log").symlink_to(outside / "secret")
    os.mkfifo(roots / "pipe.log")
    for named, reason in (
        (str(roots / "link.log"), "outside"),
        (str(roots / ".." / "outside" / "secret"), "outside"),
        ("/etc/passwd", "outside"),
        (str(roots / "none.log"), "no such file"),
        (str(roots / "pipe.log"), "not a regular file"),
        (str(roots), "not a regular file"),
        ("x\0y", "no such file"),
    ):
        found = await read(tmp_path / "data", named, log_roots=(roots,))
        assert reason in (found.error or ""), (named, found.error)
        assert "the secret" not in found.model_dump_json()


# The monitor and the alerts


async def test_the_monitors_history_is_ours_and_what_it_was_told_is_not(tmp_path: Path):
    told = case(monitor=monitor(down("expected 200-299, got 500", code=500, said="panic: nil map"), up(minutes_ago=2)))
    async with sources(tmp_path) as opened:
        ours, theirs = await first(opened, "monitor_history", told)
    assert (ours.kind, theirs.kind) == ("history", "log")
    assert ours.data["down_since"] == (NOW - timedelta(minutes=1)).isoformat()
    assert "panic" not in ours.content
    assert "panic: nil map" in theirs.content


async def test_alerts_are_evidence_but_no_measurement(tmp_path: Path):
    async with sources(tmp_path) as opened:
        (found,) = await first(opened, "alert", case(alerts=[alert(), alert(status="resolved", ends_at=NOW)]))
    assert found.kind == "event"
    assert found.data == {"firing": 1, "resolved": 1}


def test_dockers_frames_are_joined_and_plain_text_passes():
    frames = b"\x01\0\0\0\0\0\0\x03abc\x02\0\0\0\0\0\0\x02de"
    assert demultiplex(frames) == b"abcde"
    assert demultiplex(b"plain text of a terminal") == b"plain text of a terminal"
    assert demultiplex(frames[:-1]) == b"abcd"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            '{"msg": "charge failed", "raw": {"message": "Invalid key", "code": 401}}',
            "charge failed — Invalid key",
        ),
        ('{"msg": "not sent", "response": {"message": "Sender is blocked"}}', "not sent — Sender is blocked"),
        ('{"msg": "sent", "response": {"code": 200}}', "sent"),
        ('{"msg": "sent", "body": "all of the mail"}', "sent"),
        (
            r'{"msg": "not sent", "body": "{\"errors\": [{\"message\": \"The grant is revoked\", \"field\": null}]}"}',
            "not sent — The grant is revoked",
        ),
        ('{"msg": "not sent", "body": {"error": {"message": "Overloaded"}}}', "not sent — Overloaded"),
        ('{"msg": "sent", "body": "{\\"errors\\": []}"}', "sent"),
    ],
)
def test_what_the_other_side_answered_is_part_of_the_message(line: str, said: str):
    assert parse(line).message == said
