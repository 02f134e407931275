"""docker-compose.yml: valid, pinned, private by default, and nobody holds more than they need."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import AliasChoices

from backend.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SOCKET = "/var/run/docker.sock"
ONCE = {"migrate", "connect"}
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("nightdesk:")}
every_service = pytest.mark.parametrize("name", sorted(SERVICES))


def sources(service: dict[str, Any]) -> list[str]:
    return [volume.split(":")[0] for volume in service.get("volumes", [])]


def test_every_part_is_there() -> None:
    assert OURS == {"migrate", "connect", "api", "checks", "agent", "actions", "notify"}
    others = {"db", "auth", "realtime", "gateway", "docker-read", "mail"}
    assert others | {"prometheus", "alertmanager", "loki", "vector", "cadvisor"} == SERVICES.keys() - OURS


@every_service
def test_images_are_pinned_to_a_version(name: str) -> None:
    tag = SERVICES[name]["image"].partition(":")[2]
    assert re.fullmatch(r"v?\d+\.\d+\.\d+([.-].+)?", tag), tag


@every_service
def test_everything_says_whether_it_is_well(name: str) -> None:
    check = SERVICES[name].get("healthcheck", {})
    # The image's own check asks the door of `api`.
    assert check.get("disable") is True if name in ONCE else check.get("test") or name == "api"


@every_service
def test_whatever_is_waited_for_can_be_waited_for(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        if how["condition"] == "service_completed_successfully":
            assert other in ONCE
        elif how["condition"] == "service_healthy":
            assert other not in ONCE


@every_service
def test_ports_are_published_on_loopback_only(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert str(port).startswith("127.0.0.1:"), port


def test_only_actions_and_the_read_only_view_hold_the_docker_socket() -> None:
    assert {name for name, service in SERVICES.items() if SOCKET in sources(service)} == {"actions", "docker-read"}


@every_service
def test_nobody_gets_the_socket_through_a_folder_above_it(name: str) -> None:
    assert not {"/", "/var", "/var/run", "/run"} & {source.rstrip("/") or "/" for source in sources(SERVICES[name])}


def test_the_agent_looks_through_the_proxy_which_is_in_a_network_of_those_who_look() -> None:
    assert SERVICES["agent"]["environment"]["DOCKER_HOST"] == "tcp://docker-read:2375"
    assert SERVICES["docker-read"]["networks"] == ["look"]
    assert {name for name, service in SERVICES.items() if "look" in service["networks"]} == {
        *("agent", "docker-read", "vector", "cadvisor")
    }


def test_what_changes_things_and_what_thinks_hold_different_keys() -> None:
    agent, actions = (set(SERVICES[name]["environment"]) for name in ("agent", "actions"))
    assert "OPENAI_API_KEY" in agent - actions
    for name in OURS - {"api"}:
        assert "SUPABASE_SERVICE_ROLE_KEY" not in SERVICES[name]["environment"]


@pytest.mark.parametrize("name", sorted(OURS | {"gateway", "docker-read"}))
def test_our_containers_run_without_privileges(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@every_service
def test_nothing_is_privileged_or_in_the_host_s_namespaces(name: str) -> None:
    assert not {"privileged", "pid", "ipc", "network_mode", "userns_mode"} & SERVICES[name].keys()


def test_the_database_has_no_way_out_and_is_not_published() -> None:
    assert SERVICES["db"]["networks"] == ["data"]
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert "ports" not in SERVICES["db"]


def test_no_secret_has_a_default() -> None:
    """Whatever make_env.py makes must come from .env, with the sentence that says how."""
    made = subprocess.run(
        [
            "sh",
            "-c",
            'sh deploy/make_env.sh "$0" >/dev/null && cut -d= -f1 "$0"; rm -f "$0"',
            "/tmp/nightdesk-names.env",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    names = {name for name in made if name.isupper()}
    used = set(re.findall(r"\$\{(\w+):\?run make env\}", TEXT))
    assert used == names
    assert not re.findall(rf"\$\{{({'|'.join(sorted(names))})(?!:\?)", TEXT)


SECRET = re.compile(r"PASSWORD$|_PASS$|SECRET|TOKEN$|_KEYS?(_BASE)?$|JWKS$|DATABASE_URL$|DSN$")


@every_service
def test_no_secret_stands_in_the_file(name: str) -> None:
    """It comes from .env, where it must be or may be left empty."""
    for variable, value in SERVICES[name].get("environment", {}).items():
        if SECRET.search(variable) and value is not None:
            assert re.search(r"\$\{\w+(:\?run make env|:-)\}", value), variable
            assert not re.search(r"://\w+:\w", value), variable


STATE = {
    "db": "/var/lib/postgresql/data",
    "mail": "/data",
    "prometheus": "/prometheus",
    "alertmanager": "/alertmanager",
    "loki": "/loki",
    "vector": "/var/lib/vector",
}


@pytest.mark.parametrize(("name", "folder"), STATE.items())
def test_what_is_kept_is_kept_in_a_volume_with_a_name(name: str, folder: str) -> None:
    targets = {volume.split(":")[1]: volume.split(":")[0] for volume in SERVICES[name]["volumes"]}
    assert targets[folder] in COMPOSE["volumes"]


def test_our_variables_are_settings() -> None:
    known = {f"NIGHTDESK_{name.upper()}" for name in Settings.model_fields}
    for field in Settings.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices):
            known |= {str(choice) for choice in field.validation_alias.choices}
    for name in OURS:
        assert SERVICES[name]["environment"].keys() <= known


@every_service
def test_what_is_mounted_exists(name: str) -> None:
    for source in sources(SERVICES[name]):
        if source.startswith("./"):
            assert (ROOT / source).exists(), source
        elif not source.startswith("/"):
            assert source in COMPOSE["volumes"], source


@pytest.mark.parametrize(
    "file", sorted((ROOT / "deploy").rglob("*.y*ml")) + sorted((ROOT / "deploy").rglob("*.conf")), ids=lambda f: f.name
)
def test_configurations_name_services_that_exist(file: Path) -> None:
    for host in re.findall(r"(?<![\w.:/-])([a-z][a-z-]+):\d{4,5}\b", file.read_text()):
        assert host in SERVICES, host


def test_there_is_no_volume_nobody_uses() -> None:
    used = {source for service in SERVICES.values() for source in sources(service) if source[0] not in "./"}
    assert used == COMPOSE["volumes"].keys()


def test_it_is_what_the_compose_specification_says(tmp_path: Path) -> None:
    """By its own schema: the Compose that is installed here may be older, and know less."""
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(TEXT.replace("condition: service_healthy", "condition: service_lovely"))
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    accepted = subprocess.run([*check, str(ROOT / "docker-compose.yml")], capture_output=True, text=True)
    assert accepted.returncode == 0, accepted.stdout
    refused = subprocess.run([*check, str(wrong)], capture_output=True, text=True)
    assert (refused.returncode, "service_lovely" in refused.stdout) == (1, True)


def test_compose_itself_accepts_it(tmp_path: Path) -> None:
    command, text = _compose()
    env, file = tmp_path / ".env", tmp_path / "docker-compose.yml"
    subprocess.run(["sh", "deploy/make_env.sh", str(env)], cwd=ROOT, check=True, capture_output=True)
    file.write_text(text)
    config = [*command, "--project-directory", str(ROOT), "-f", str(file)]
    accepted = subprocess.run([*config, "--env-file", str(env), "config"], capture_output=True, text=True)
    assert accepted.returncode == 0, accepted.stderr
    env.write_text("UNRELATED=1\n")
    refused = subprocess.run([*config, "--env-file", str(env), "config"], capture_output=True, text=True)
    assert refused.returncode != 0
    assert "run make env" in refused.stderr


def _compose() -> tuple[list[str], str]:
    """The command, and the file as that version reads it: 1.29 does not know the project's name in it."""
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0:
        return [docker, "compose"], TEXT
    old = shutil.which("docker-compose")
    if old is None:
        pytest.skip("needs Docker Compose: apt install docker-compose")
    return [old], re.sub(r"^name: .+\n", "", TEXT, flags=re.MULTILINE)
