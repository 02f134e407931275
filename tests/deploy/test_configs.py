"""The configuration files that docker-compose.yml mounts, read by the programs they are for."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from backend.alert.rules import severity
from backend.alert.subject import subject_of
from tests.deploy.nginx import DEPLOY
from tests.real import needs_prometheus, program

HERE = Path(__file__).parent


def run(*command: str, folder: Path | None = None) -> None:
    found = program(command[0])
    assert found is not None, f"{command[0]} is missing"
    done = subprocess.run([found, *command[1:]], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_prometheus
def test_prometheus_accepts_its_configuration_and_rules() -> None:
    run("promtool", "check", "config", "--syntax-only", str(DEPLOY / "prometheus" / "prometheus.yml"))
    run("promtool", "check", "rules", str(DEPLOY / "prometheus" / "rules.yml"))


@needs_prometheus
def test_the_alert_rules_fire_when_they_should_and_not_otherwise(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "prometheus" / "rules.yml", tmp_path)
    shutil.copy(HERE / "rules_test.yml", tmp_path)
    run("promtool", "test", "rules", "rules_test.yml", folder=tmp_path)


@needs_prometheus
def test_alertmanager_accepts_its_configuration(tmp_path: Path) -> None:
    text = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text()
    # `url_file` came with 0.26; Debian's amtool is older.
    assert "url_file: /run/nightdesk/alertmanager-url" in text
    config = tmp_path / "alertmanager.yml"
    config.write_text(text.replace("url_file: /run/nightdesk/alertmanager-url", "url: http://api:8700/webhooks/x/y"))
    run("amtool", "check-config", str(config))


@pytest.mark.parametrize(
    "rule",
    [
        rule
        for group in yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())["groups"]
        if group["name"] == "containers"
        for rule in group["rules"]
    ],
    ids=lambda rule: rule["alert"],
)
def test_an_alert_about_a_container_opens_an_incident_on_that_container(rule: dict[str, dict[str, str]]) -> None:
    """With the labels cAdvisor gives, and those that survive an aggregation."""
    labels = {"job": "cadvisor", "name": "shop", "instance": "cadvisor:8080", **rule["labels"]}
    found = subject_of(labels)
    assert (found.source_type, found.target) == ("container", "shop")
    assert severity(labels) == rule["labels"]["severity"]


@pytest.mark.parametrize("file", ["loki/loki.yml", "vector/vector.yaml"])
def test_files_that_cannot_be_tried_here_are_at_least_yaml(file: str) -> None:
    assert yaml.safe_load((DEPLOY / file).read_text())
