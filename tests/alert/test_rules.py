"""What an alert means: tables of labels and of receipts."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.alert import rules
from backend.alert.rules import KnownFiring, Subject
from tests.fakes.alertmanager import captured

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("labels", "severity"),
    [
        ({"severity": "critical"}, "critical"),
        ({"severity": "page"}, "critical"),
        ({"severity": " Critical "}, "critical"),
        ({"severity": "error"}, "high"),
        ({"severity": "major"}, "high"),
        ({"severity": "warning"}, "medium"),
        ({"severity": "WARN"}, "medium"),
        ({"severity": "info"}, "low"),
        ({"severity": "none"}, "low"),
        ({"priority": "P1"}, "critical"),
        ({"severity": "purple", "priority": "p4"}, "low"),
        ({"severity": "purple"}, "medium"),
        ({}, "medium"),
    ],
)
def test_severity(labels: dict[str, str], severity: str):
    assert rules.severity(labels) == severity


@pytest.mark.parametrize(
    ("labels", "subject"),
    [
        (  # kube-state-metrics
            {
                "namespace": "shop",
                "pod": "api-1",
                "container": "api",
                "job": "kube-state-metrics",
                "instance": "10.0.0.7:80",
            },
            Subject("container", "api-1", "kubernetes", "shop"),
        ),
        (
            {"namespace": "shop", "deployment": "api", "pod": "ksm-7", "job": "kube-state-metrics"},
            Subject("container", "api", "kubernetes", "shop"),
        ),
        (
            {"namespace": "shop", "container": "api", "node": "n1"},
            Subject("container", "api", "kubernetes", "shop", "n1"),
        ),
        ({"namespace": "batch", "job_name": "report-1"}, Subject("container", "report-1", "kubernetes", "batch")),
        (
            {"node": "worker-3", "job": "kube-state-metrics"},
            Subject("host", "worker-3", "kubernetes", None, "worker-3"),
        ),
        (  # cAdvisor inside Kubernetes
            {
                "id": "/kubepods/x",
                "container_label_io_kubernetes_pod_name": "api-1",
                "container_label_io_kubernetes_pod_namespace": "shop",
            },
            Subject("container", "api-1", "kubernetes", "shop"),
        ),
        (  # cAdvisor on Docker, Compose and Podman
            {"name": "web", "id": "/docker/4f", "image": "nginx", "job": "cadvisor", "instance": "host-1:8080"},
            Subject("container", "web", "docker", None, "host-1"),
        ),
        (
            {"container_label_com_docker_compose_service": "db", "id": "/docker/4f"},
            Subject("container", "db", "docker"),
        ),
        ({"name": "web", "id": "/machine.slice/libpod-4f.scope"}, Subject("container", "web", "podman")),
        (  # postgres_exporter
            {"datname": "orders", "server": "db-1:5432", "job": "postgres", "instance": "db-1:9187"},
            Subject("database", "orders", None, None, "db-1"),
        ),
        ({"job": "postgres_exporter", "instance": "db-2:9187"}, Subject("database", "db-2", None, None, "db-2")),
        (  # a plain container label
            {"container": "web", "instance": "host-1:9100"},
            Subject("container", "web", "docker", None, "host-1"),
        ),
        ({"container": "web", "container_runtime": "podman"}, Subject("container", "web", "podman")),
        ({"container_name": "/web"}, Subject("container", "web", "docker")),
        (  # blackbox exporter
            {"job": "blackbox", "instance": "https://shop.example/health"},
            Subject("host", "https://shop.example/health", None, None, "shop.example"),
        ),
        ({"target": "10.0.0.9:22", "instance": "prober:9115"}, Subject("host", "10.0.0.9:22", None, None, "10.0.0.9")),
        (  # node_exporter
            {"job": "node", "instance": "web-1:9100", "mountpoint": "/var"},
            Subject("host", "web-1", None, None, "web-1"),
        ),
        (
            {"job": "node", "name": "nginx.service", "instance": "web-1:9100"},
            Subject("host", "web-1", None, None, "web-1"),
        ),
        ({"instance": "[fd00::1]:9100", "job": "node"}, Subject("host", "fd00::1", None, None, "fd00::1")),
        # what is left
        ({"name": "web", "job": "docker-exporter"}, Subject("container", "web", "docker")),
        ({"service": "checkout"}, Subject("container", "checkout", "docker")),
        ({"instance": "web-1:9100", "job": "mystery"}, Subject("host", "web-1", None, None, "web-1")),
        ({"job": "backup", "alertname": "Late"}, Subject("host", "backup")),
        ({"alertname": "Watchdog"}, Subject("host", "Watchdog")),
        ({"instance": "http://[broken"}, Subject("host", "http://[broken", None, None, "http://[broken")),
        ({}, Subject("host", "unknown")),
    ],
)
def test_subject(labels: dict[str, str], subject: Subject):
    assert alone(rules.subject(labels)) == subject


def alone(subject: Subject) -> Subject:
    """Without what ties it to others."""
    return replace(subject, owner=None, depends_on=frozenset(), is_specific=True)


COMPOSE = "container_label_com_docker_compose_"


@pytest.mark.parametrize(
    ("labels", "owner"),
    [
        ({"namespace": "shop", "pod": "api-7d9f8c6b5-x2x4p"}, "api"),
        ({"namespace": "shop", "pod": "db-0"}, "db"),
        ({"namespace": "shop", "pod": "once"}, None),
        ({"namespace": "shop", "pod": "api-7d9f8c6b5-x2x4p", "deployment": "api-v2"}, "api-v2"),
        ({"name": "shop-web-1", f"{COMPOSE}project": "shop", f"{COMPOSE}service": "web"}, "shop/web"),
        ({"name": "shop-web-1"}, None),
        ({"node": "worker-3", "job": "kube-state-metrics"}, None),
    ],
)
def test_owner(labels: dict[str, str], owner: str | None):
    assert rules.subject(labels).owner == owner


def test_what_a_compose_file_says_a_service_needs():
    needs = {f"{COMPOSE}project": "shop", f"{COMPOSE}depends_on": "db:service_healthy:true,cache:service_started:false"}
    assert rules.subject({"name": "shop-web-1", **needs}).depends_on == {"shop/db", "shop/cache"}
    endless = {f"{COMPOSE}project": "p", f"{COMPOSE}depends_on": ",".join(f"s{i}" for i in range(500))}
    assert len(rules.subject({"name": "web", **endless}).depends_on) == 20


@pytest.mark.parametrize("labels", [{}, {"alertname": "Watchdog"}, {"job": "backup", "alertname": "Late"}])
def test_without_a_target_it_ties_to_nothing(labels: dict[str, str]):
    assert not rules.subject(labels).is_specific


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("kubernetes_pod", Subject("container", "checkout-7d9f8c6b5-x2x4p", "kubernetes", "shop")),
        ("containers_firing", Subject("container", "api", "docker", None, "web-1")),
        ("postgres", Subject("database", "orders", None, None, "db-1")),
        ("blackbox", Subject("host", "https://shop.example/health", None, None, "shop.example")),
        ("node", Subject("host", "web-1", None, None, "web-1")),
        ("no_times_firing", Subject("host", "NoTimes")),
    ],
)
def test_subject_of_captured_alerts(name: str, subject: Subject):
    assert alone(rules.subject(json.loads(captured(name))["alerts"][0]["labels"])) == subject


def test_absurdly_long_names_are_capped():
    found = rules.subject({"container": "x" * 4_096, "namespace": "y" * 4_096, "node": "z" * 4_096})
    assert [len(name or "") for name in (found.target, found.namespace, found.server_name)] == [300, 300, 300]


def test_title_is_the_summary_on_one_line_or_the_name_and_the_target():
    assert rules.title("Down", {"summary": " web\n is  down "}, "web") == "web is down"
    assert rules.title("Down", {}, "web") == "Down on web"
    assert len(rules.title("Down", {"summary": "x" * 5_000}, "web")) == 300
    assert rules.description({"description": "why", "message": "other"}) == "why"
    assert rules.description({}) is None


@pytest.mark.parametrize(
    ("starts_at", "began"),
    [
        (NOW - timedelta(minutes=5), NOW - timedelta(minutes=5)),
        (NOW + timedelta(minutes=5), NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW),
        (datetime(2100, 1, 1, tzinfo=UTC), NOW),
    ],
)
def test_an_incident_never_begins_in_the_future_nor_in_another_age(starts_at: datetime, began: datetime):
    assert rules.began(starts_at, NOW) == began


T0, T1 = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
MOMENT, WHILE = NOW - timedelta(seconds=10), NOW - timedelta(minutes=10)


@pytest.mark.parametrize(
    ("incoming", "starts_at", "known", "status", "reason"),
    [
        ("firing", T0, [], "firing", "first_firing"),
        ("firing", T0, [KnownFiring(T0, "firing", MOMENT)], "firing", "still_firing"),
        ("firing", T0, [KnownFiring(T0, "resolved", MOMENT)], "resolved", "late_copy"),
        ("firing", T0, [KnownFiring(T0, "resolved", WHILE)], "firing", "fires_again"),
        ("firing", T0, [KnownFiring(T1, "resolved", MOMENT)], "resolved", "late_copy"),
        ("firing", T0, [KnownFiring(T1, "resolved", WHILE)], "firing", "first_firing"),
        ("firing", T1, [KnownFiring(T0, "resolved", MOMENT)], "firing", "first_firing"),
        ("firing", T0, [KnownFiring(T1, "firing", MOMENT)], "firing", "first_firing"),
        ("resolved", T0, [], "resolved", "recovered_unseen"),
        ("resolved", T0, [KnownFiring(T0, "firing", WHILE)], "resolved", "recovered"),
        ("resolved", T0, [KnownFiring(T0, "resolved", WHILE)], "resolved", "recovered_already"),
    ],
)
def test_receipt(incoming: Any, starts_at: datetime, known: list[KnownFiring], status: str, reason: str):
    decided = rules.receipt(incoming, starts_at, known, NOW)
    assert (decided.status, decided.reason) == (status, reason)
    assert decided.is_trouble == (status == "firing")


@pytest.mark.parametrize(
    ("row", "starts_at", "ends_at", "over"),
    [
        (KnownFiring(T0, "firing", NOW), T0, NOW, True),
        (KnownFiring(T0, "firing", NOW), T1, None, True),
        (KnownFiring(T1, "firing", NOW), T0, None, False),
        (KnownFiring(T1, "firing", NOW), T0, NOW, True),
        (KnownFiring(T1, "firing", NOW), T0, T0 + timedelta(minutes=1), False),
        (KnownFiring(T0, "resolved", NOW), T0, NOW, False),
    ],
)
def test_what_a_resolved_alert_ends(row: KnownFiring, starts_at: datetime, ends_at: datetime | None, over: bool):
    assert rules.is_over(row, starts_at, ends_at) == over
