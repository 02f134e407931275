"""The command line on an instance that is not running: it starts the database for itself, and says what is wrong."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from backend.called import name_of
from backend.doctor import engine_advice, examine
from backend.instance import Instance, held
from backend.settings import Settings
from tests.support.product import free_port
from tests.support.server import short_folder


def nightdesk(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("NIGHTDESK_") and k != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env={**clean, **environment},
        timeout=60,
    )


@pytest.fixture(scope="module")
def made() -> Generator[str]:
    """An installation that is there, and does not run."""
    with short_folder() as folder:
        assert nightdesk("migrate", "--data-dir", str(folder / "data")).returncode == 0
        yield str(folder / "data")


def test_help_is_quick():
    nightdesk("--help")
    began = time.monotonic()
    helped = nightdesk("--help")
    assert helped.returncode == 0
    assert "up" in helped.stdout
    # It imports no library that takes long; the rest is Python itself on a busy machine.
    assert time.monotonic() - began < 15
    imported = subprocess.run(
        [sys.executable, "-c", "import sys, backend.cli; backend.cli.build(); print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"sqlalchemy", "fastapi", "psycopg", "httpx", "pydantic", "langgraph"} & set(imported)


def test_people_are_made_and_listed(made: str):
    place = ("--data-dir", made)
    given = nightdesk("user", "create", "Ann@example.org", "--password-stdin", *place, stdin="long enough\n")
    generated = nightdesk("user", "create", "bob@example.org", "--role", "viewer", *place)
    listed = nightdesk("user", "list", "--json", *place)

    assert given.stdout == "Ann@example.org is now responder of team default.\n", given.stderr
    assert "Password (shown this once): " in generated.stdout
    people = [(p["email"], p["team"], p["role"]) for p in json.loads(listed.stdout)]
    assert people == [("ann@example.org", "default", "responder"), ("bob@example.org", "default", "viewer")]


@pytest.mark.parametrize(
    ("arguments", "stdin", "sentence"),
    [
        (("user", "create", "a@example.org", "--team", "none"), "", "There is no team 'none'."),
        (("user", "create", "a@example.org", "--password-stdin"), "", "the first line of standard input is empty"),
        (("user", "create", "a@example.org", "--password-stdin"), "short\n", "at least 8 characters"),
        (("integration", "create", "alertmanager", "--team", "none"), "", "There is no team 'none'."),
    ],
)
def test_a_refusal_is_one_sentence(made: str, arguments: tuple[str, ...], stdin: str, sentence: str):
    refused = nightdesk(*arguments, "--data-dir", made, stdin=stdin)
    assert refused.returncode == 1
    assert refused.stderr.startswith("nightdesk: ")
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"NIGHTDESK_PORT": "many"}, "NIGHTDESK_PORT: "),
        ({"DATABASE_URL": "postgresql://a:pw@db:6543/postgres"}, "port 6543 is Supabase's transaction pooler"),
        ({"DATABASE_URL": "postgresql://a:pw@127.0.0.1:1/postgres"}, "The database does not answer: "),
        ({"PROMETHEUS_URL": "not a url"}, "PROMETHEUS_URL: "),
    ],
)
def test_a_bad_setting_stops_every_command_with_its_name(data_dir: Path, environment: dict[str, str], sentence: str):
    up = ("up",) if "NIGHTDESK_PORT" in environment else ("up", "--port", str(free_port()))
    for command in (up, ("migrate",)):
        refused = nightdesk(*command, "--data-dir", str(data_dir), **environment)
        assert refused.returncode == 1
        assert sentence in refused.stderr
        assert "Traceback" not in refused.stderr
        assert ":pw@" not in refused.stderr


def test_an_integration_is_printed_with_its_address(made: str):
    printed = nightdesk("integration", "create", "alertmanager", "--json", "--data-dir", made)
    found = json.loads(printed.stdout)
    assert found["url"] == f"http://127.0.0.1:8700/webhooks/alertmanager/{found['token']}"


def test_signing_keys_take_turns(made: str):
    first = nightdesk("keys", "rotate", "--data-dir", made).stdout.split()
    second = nightdesk("keys", "rotate", "--data-dir", made).stdout.split()
    in_use = first[first.index("in_use") - 2]
    assert second[second.index(in_use) + 2] == "previously_used"
    refused = nightdesk("keys", "revoke", second[second.index("in_use") - 2], "--data-dir", made)
    assert refused.returncode == 1
    assert "signs now" in refused.stderr
    assert nightdesk("keys", "revoke", in_use, "--data-dir", made).returncode == 0
    assert in_use not in nightdesk("keys", "list", "--data-dir", made).stdout


def test_a_secret_key_is_another_each_time(made: str):
    keys = {nightdesk("keys", "secret", "--data-dir", made).stdout.split()[-1] for _ in range(2)}
    assert len(keys) == 2
    assert all(key.startswith("sb_secret_") for key in keys)


def test_migrate_says_what_it_applied(data_dir: Path):
    first = nightdesk("migrate", "--data-dir", str(data_dir)).stdout.splitlines()
    second = nightdesk("migrate", "--data-dir", str(data_dir)).stdout.splitlines()
    assert first[0] == "0001_initial_schema.sql"
    assert (first[-1], second) == ("The database is up to date.", ["The database is up to date."])


def test_a_command_does_not_start_a_second_database(data_dir: Path):
    data_dir.mkdir()
    with held(data_dir):
        refused = nightdesk("migrate", "--data-dir", str(data_dir))
    assert refused.returncode == 1
    assert f"is in use by process {os.getpid()}" in refused.stderr


@pytest.mark.parametrize("there", [True, False], ids=["an empty folder", "no folder"])
@pytest.mark.parametrize("command", ["user list", "user create a@example.org", "backup x.dump", "keys list"])
def test_in_the_wrong_folder_no_database_is_made(data_dir: Path, command: str, there: bool):
    if there:
        data_dir.mkdir()
    refused = nightdesk(*command.split(), "--data-dir", str(data_dir))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "nightdesk up` first, or name another folder with --data-dir." in refused.stderr
    assert not list(data_dir.glob("*"))


def test_doctor_names_what_is_missing_and_what_to_do(data_dir: Path):
    # Compose hands on OPENAI_API_KEY also when nobody has set it.
    healthy = nightdesk("doctor", "--json", "--data-dir", str(data_dir), OPENAI_API_KEY="")
    states = {finding["name"]: finding["state"] for finding in json.loads(healthy.stdout)}
    failed = {name for name, state in states.items() if state == "failed"}
    # An engine that is gone may have left its socket on this machine.
    assert failed <= {"docker", "podman"}
    assert healthy.returncode == (1 if failed else 0)
    assert states["database"] == "ok"
    assert states["prometheus"] == states["model"] == "unused"

    sick = nightdesk("doctor", "--data-dir", str(data_dir), PROMETHEUS_URL="http://127.0.0.1:1")
    assert sick.returncode == 1
    assert "FAILED    prometheus" in sick.stdout
    assert "Correct PROMETHEUS_URL, or start it." in sick.stdout


async def test_doctor_calls_an_engine_by_its_socket_and_corrects_only_what_is_set():
    with short_folder() as folder:
        path = folder / "engine.sock"
        with socket.socket(socket.AF_UNIX) as left_behind:
            left_behind.bind(str(path))
        findings = await examine(Settings.model_validate({"data_dir": folder, "docker_host": f"unix://{path}"}))
    [found] = [finding for finding in findings if finding.name == "docker"]
    assert found.state == "failed"
    assert found.detail.startswith(f"{path}: ")
    assert found.advice == "Start the engine, or correct DOCKER_HOST."
    unset = Settings.model_validate({"docker_host": None})
    assert engine_advice(unset, "docker") == "Start the engine, or set DOCKER_HOST."


def test_doctor_notices_an_instance_that_does_not_answer(data_dir: Path):
    data_dir.mkdir()
    with held(data_dir):
        Instance(os.getpid(), "http://127.0.0.1:1", "").write(data_dir)
        sick = nightdesk("doctor", "--data-dir", str(data_dir))
    assert "FAILED    nightdesk" in sick.stdout


def test_somebody_whose_password_is_lost_gets_another(made: str):
    place = ("--data-dir", made)
    nightdesk("user", "create", "lea@example.org", "--password-stdin", *place, stdin="the one before\n")
    generated = nightdesk("user", "password", "Lea@example.org", *place)
    chosen = nightdesk("user", "password", "lea@example.org", "--password-stdin", *place, stdin="short\n")
    nobody = nightdesk("user", "password", "nobody@example.org", *place)

    said, password = generated.stdout.splitlines()
    assert said == "Lea@example.org has a new password and is signed out everywhere."
    assert len(password.removeprefix("Password (shown this once): ")) == 20
    assert "at least 8 characters" in chosen.stderr
    assert "There is nobody with the address nobody@example.org." in nobody.stderr


def test_supabase_keeps_its_passwords_itself(data_dir: Path):
    project = {"SUPABASE_URL": "https://example.supabase.co", "SUPABASE_ANON_KEY": "anon"}
    database = {"DATABASE_URL": "postgresql://postgres:pw@127.0.0.1:1/postgres"}
    refused = nightdesk("user", "password", "lea@example.org", "--data-dir", str(data_dir), **project, **database)
    assert refused.returncode == 1
    assert "see Authentication, Users there" in refused.stderr


@pytest.mark.parametrize(
    ("found", "folder", "called"),
    [
        (None, "/srv/nightdesk", ".venv/bin/nightdesk"),
        (None, "/home/ann", "/srv/nightdesk/.venv/bin/nightdesk"),
        ("/usr/bin/nightdesk", "/srv/nightdesk", ".venv/bin/nightdesk"),
        ("/srv/nightdesk/.venv/bin/nightdesk", "/srv/nightdesk", "nightdesk"),
    ],
)
def test_a_command_is_named_as_it_can_be_typed(found: str | None, folder: str, called: str):
    script = Path("/srv/nightdesk/.venv/bin/nightdesk")
    assert name_of(script, found, Path(folder)) == called
