"""docs/supabase.md and docs/docker.md name settings, files, services and commands that exist."""

import re
from pathlib import Path

import pytest
import typer
import yaml
from pydantic import AliasChoices

from backend.cli import build
from backend.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "supabase.md", ROOT / "docs" / "docker.md"]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def settings() -> set[str]:
    names = {f"NIGHTDESK_{name.upper()}" for name in Settings.model_fields}
    for field in Settings.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices):
            names |= {str(choice) for choice in field.validation_alias.choices}
    return names


def compose_variables() -> set[str]:
    return set(re.findall(r"\$\{(\w+)", COMPOSE))


@every_page
def test_every_variable_is_a_setting_or_the_compose_file_s(page: Path) -> None:
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", page.read_text()))
    # The password that the database's own container has.
    assert named - settings() - compose_variables() - {"POSTGRES_PASSWORD"} == set()


@every_page
def test_every_file_exists(page: Path) -> None:
    text = page.read_text()
    paths = re.findall(r"`((?:supabase|deploy|frontend|backend)/[\w./-]+|\w[\w-]*\.(?:lock|yml)|Dockerfile)`", text)
    for path in {*paths} - {"docker-compose.override.yml"}:
        assert (ROOT / path).exists(), path
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.startswith("https://") or (page.parent / link).exists(), link


@every_page
def test_every_command_exists(page: Path) -> None:
    said = re.findall(
        r"(?:\bnightdesk|nightdesk:0\.1\.0|--rm api) (up|api|worker|migrate|user|doctor|backup)\b(?: (\w+))?",
        page.read_text(),
    )
    command = typer.main.get_command(build())
    known = command.commands  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    assert said
    for name, argument in said:
        assert name in known
        if name == "worker" and argument:
            assert argument in {"checks", "agent", "actions", "notify"}


def test_the_page_about_docker_names_every_service() -> None:
    services = set(yaml.safe_load(COMPOSE)["services"])
    assert services - set(re.findall(r"`([a-z-]+)`", PAGES[1].read_text())) == set()


def test_the_page_about_supabase_repairs_the_policy_s_own_version() -> None:
    (file,) = (ROOT / "supabase" / "migrations").glob("*_realtime_policies.sql")
    text = PAGES[0].read_text()
    assert file.name in text
    assert f"migration repair {file.name.split('_')[0]} " in text
