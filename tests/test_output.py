"""What the supervisor passes on of its children's words."""

import json
import os

import pytest

from backend.embedded.severity import level_of
from backend.logs import Level
from backend.output import Printer

SAID = b"""LOG:  database system is ready to accept connections
postgres@postgres ERROR:  relation "x" does not exist at character 15
postgres@postgres STATEMENT:  select *
\tfrom x
LOG:  server process (PID 7) was terminated by signal 9
DETAIL:  Failed process was running: vacuum
postgres@app WARNING:  there is no transaction in progress
"""


def passed_on(level: Level, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    reader, writer = os.pipe()
    os.write(writer, SAID)
    os.close(writer)
    printer = Printer("json", level, {"postgres": level_of})
    while printer.read("postgres", reader):
        pass
    os.close(reader)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [(line["level"], line["event"].strip().partition(" ")[0]) for line in lines]


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("info", ["LOG:", "postgres@postgres", "postgres@postgres", "from", "LOG:", "DETAIL:", "postgres@app"]),
        ("warning", ["postgres@postgres", "postgres@postgres", "from", "postgres@app"]),
        ("error", ["postgres@postgres", "postgres@postgres", "from"]),
    ],
)
def test_the_database_s_words_obey_the_log_level_each_message_as_a_whole(
    level: Level, shown: list[str], capsys: pytest.CaptureFixture[str]
):
    assert [first for _, first in passed_on(level, capsys)] == shown


def test_each_of_its_lines_says_how_severe_it_is(capsys: pytest.CaptureFixture[str]):
    levels = [level for level, _ in passed_on("debug", capsys)]
    assert levels == ["info", "error", "error", "error", "info", "info", "warning"]


def test_what_cannot_be_told_is_shown(capsys: pytest.CaptureFixture[str]):
    printer = Printer("json", "error", {"postgres": level_of})
    printer.line("postgres", "Segmentation fault")
    printer.line("api", "a library that prints")
    assert len(capsys.readouterr().out.splitlines()) == 2
