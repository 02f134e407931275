"""What an alert is about, by the labels of the usual exporters."""

import json
from dataclasses import replace

import pytest

from backend.alert.subject import Subject, subject_of
from tests.fakes.alertmanager import captured


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
        (  # a proxy or a mesh: what is behind it
            {
                "exported_namespace": "web",
                "exported_service": "shop",
                "namespace": "ingress-nginx",
                "pod": "controller-1",
            },
            Subject("container", "shop", "kubernetes", "web"),
        ),
        (
            {"ingress": "shop", "exported_namespace": "web", "container": "controller"},
            Subject("container", "shop", "kubernetes", "web"),
        ),
        (
            {"destination_workload": "web", "destination_workload_namespace": "shop", "namespace": "istio-system"},
            Subject("container", "web", "kubernetes", "shop"),
        ),
        ({"upstream": "payments", "namespace": "pay"}, Subject("container", "payments", "kubernetes", "pay")),
        (  # what is scaled, not who measures it
            {"namespace": "shop", "horizontalpodautoscaler": "web", "container": "kube-state-metrics"},
            Subject("container", "web", "kubernetes", "shop"),
        ),
        (
            {"namespace": "logs", "persistentvolumeclaim": "data-loki-0", "container": "kube-state-metrics"},
            Subject("container", "data-loki-0", "kubernetes", "logs"),
        ),
        (  # who reads a queue, before who measures it
            {"consumergroup": "indexer", "topic": "orders", "instance": "kafka-exporter:9308"},
            Subject("container", "indexer", "docker", None, "kafka-exporter"),
        ),
        ({"alertname": "KubeNodeUnschedulable", "node": "n-17"}, Subject("host", "n-17", "kubernetes", None, "n-17")),
        (
            {"job": "node-exporter", "namespace": "monitoring", "instance": "10.2.7.1:9100", "node": "n-17"},
            Subject("host", "n-17", None, None, "n-17"),
        ),
        ({"alertname": "MemoryUsed", "host": "cdn-9"}, Subject("host", "cdn-9", None, None, "cdn-9")),
        ({"namespace": "ci", "resourcequota": "jobs"}, Subject("host", "ci", "kubernetes", "ci")),
        ({"queue": "invoices", "namespace": "mq", "job": "rabbitmq"}, Subject("host", "invoices", "kubernetes", "mq")),
        ({"instance": "web-1:9100", "job": "mystery"}, Subject("host", "web-1", None, None, "web-1")),
        ({"job": "backup", "alertname": "Late"}, Subject("host", "backup")),
        ({"alertname": "Watchdog"}, Subject("host", "Watchdog")),
        ({"instance": "http://[broken"}, Subject("host", "http://[broken", None, None, "http://[broken")),
        ({}, Subject("host", "unknown")),
    ],
)
def test_subject(labels: dict[str, str], subject: Subject):
    assert alone(subject_of(labels)) == subject


def alone(subject: Subject) -> Subject:
    """Without what ties it to others."""
    return replace(subject, owner=None, depends_on=frozenset(), is_specific=True)


COMPOSE = "container_label_com_docker_compose_"


@pytest.mark.parametrize(
    ("labels", "owner"),
    [
        ({"namespace": "shop", "pod": "api-7d9f8c6b5-x2x4p"}, "api"),
        ({"namespace": "shop", "pod": "api-dhfhhckm5-sqrrf"}, "api"),
        ({"namespace": "shop", "pod": "api-service-x2x4p"}, None),
        ({"namespace": "shop", "job_name": "report-29814120"}, "report"),
        ({"namespace": "shop", "pod": "report-29814120-x2x4p"}, "report"),
        ({"namespace": "shop", "pod": "db-0"}, "db"),
        ({"namespace": "shop", "pod": "once"}, None),
        ({"namespace": "shop", "pod": "api-7d9f8c6b5-x2x4p", "deployment": "api-v2"}, "api-v2"),
        ({"name": "shop-web-1", f"{COMPOSE}project": "shop", f"{COMPOSE}service": "web"}, "shop/web"),
        ({"name": "shop-web-1"}, None),
        ({"node": "worker-3", "job": "kube-state-metrics"}, None),
    ],
)
def test_owner(labels: dict[str, str], owner: str | None):
    assert subject_of(labels).owner == owner


def test_what_a_compose_file_says_a_service_needs():
    needs = {f"{COMPOSE}project": "shop", f"{COMPOSE}depends_on": "db:service_healthy:true,cache:service_started:false"}
    assert subject_of({"name": "shop-web-1", **needs}).depends_on == {"shop/db", "shop/cache"}
    endless = {f"{COMPOSE}project": "p", f"{COMPOSE}depends_on": ",".join(f"s{i}" for i in range(500))}
    assert len(subject_of({"name": "web", **endless}).depends_on) == 20


@pytest.mark.parametrize("labels", [{}, {"alertname": "Watchdog"}, {"job": "backup", "alertname": "Late"}])
def test_without_a_target_it_ties_to_nothing(labels: dict[str, str]):
    assert not subject_of(labels).is_specific


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
    assert alone(subject_of(json.loads(captured(name))["alerts"][0]["labels"])) == subject


def test_absurdly_long_names_are_capped():
    found = subject_of({"container": "x" * 4_096, "namespace": "y" * 4_096, "node": "z" * 4_096})
    assert [len(name or "") for name in (found.target, found.namespace, found.server_name)] == [300, 300, 300]
