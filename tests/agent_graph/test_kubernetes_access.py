"""The way into a cluster, and what of it is meant: kubeconfig files, plug-ins, tokens, rights, labels, the doctor."""

import base64
import time
from collections.abc import Generator
from pathlib import Path

import pytest
import yaml

from agent_graph.sources.kubernetes.resources import RESOURCES
from agent_graph.sources.kubernetes.subject import Subject, subject_of
from backend.connection.kubernetes import KubernetesCluster, NotReached
from backend.connection.kubernetes_access import UnusableCluster, read_access
from backend.connection.kubernetes_rights import NEEDED, OPTIONAL, Right
from backend.doctor import Finding, examine
from backend.investigation.kinds import CaseFile
from backend.settings import Settings, load_settings
from tests.agent_graph.cases import case, monitor, up
from tests.checks.targets import Target, certificate, http, serving
from tests.fakes.kubernetes import Kubernetes, fake_kubernetes, kubeconfig, status

PLUG_IN = """#!/bin/sh
printf '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "made"}}'
"""


@pytest.fixture
def api() -> Generator[Kubernetes]:
    with fake_kubernetes() as served:
        yield served


def of(tmp_path: Path, named: str | None) -> Settings:
    return load_settings(data_dir=tmp_path, docker_host="unix:///nowhere", kubeconfig=named)


async def doctor(tmp_path: Path, named: str | None) -> Finding:
    return next(found for found in await examine(of(tmp_path, named)) if found.name == "kubernetes")


async def test_a_token_file_that_is_replaced_is_read_again_when_the_old_token_is_refused(
    api: Kubernetes, tmp_path: Path
):
    token = tmp_path / "token"
    token.write_text("first\n")
    cluster = KubernetesCluster(of(tmp_path, kubeconfig(tmp_path / "config", api.url, tokenFile=str(token))))
    try:
        api.token = "first"
        assert (await cluster.get("/version", {}, 30, 10_000)).status == 200
        api.token = "second"
        assert (await cluster.get("/version", {}, 30, 10_000)).status == 401
        token.write_text("second\n")
        assert (await cluster.get("/version", {}, 30, 10_000)).status == 200
    finally:
        await cluster.aclose()


def test_a_plug_in_gives_the_token_and_one_that_fails_is_named(tmp_path: Path):
    plug_in = tmp_path / "plug-in"
    plug_in.write_text(PLUG_IN)
    plug_in.chmod(0o755)
    spec = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plug_in), "interactiveMode": "Never"}
    named = kubeconfig(tmp_path / "config", "https://cluster.example:6443", exec=spec)
    assert read_access(of(tmp_path, named)).authorization == "Bearer made"
    assert "made" not in repr(read_access(of(tmp_path, named)))
    plug_in.write_text("#!/bin/sh\necho 'please sign in' >&2; exit 1\n")
    with pytest.raises(UnusableCluster, match=r"the plug-in .*plug-in of .* gave no credential"):
        read_access(of(tmp_path, named))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{not: [yaml", "it is not YAML"),
        ("{}", "current-context"),
        ('{"current-context": "a", "contexts": [], "clusters": []}', "Expected object with name a"),
        (None, "No configuration found"),
    ],
)
def test_a_kubeconfig_that_cannot_work_is_said_in_a_sentence(tmp_path: Path, text: str | None, said: str):
    named = tmp_path / "config"
    if text is not None:
        named.write_text(text)
    with pytest.raises(UnusableCluster, match=said):
        read_access(of(tmp_path, str(named)))


async def test_it_asks_again_while_the_server_is_busy_and_not_longer_than_it_has(api: Kubernetes, tmp_path: Path):
    cluster = KubernetesCluster(of(tmp_path, kubeconfig(tmp_path / "config", api.url)))
    try:
        api.statuses = [429, 503, 200]
        assert (await cluster.get("/version", {}, 30, 10_000)).status == 200
        assert len(api.requests) == 3
        api.statuses, api.headers = [429, 200], {"retry-after": "3600"}
        began = time.monotonic()
        assert (await cluster.get("/version", {}, 30, 10_000)).status == 429
        assert time.monotonic() - began < 30
        api.slow = {"version"}
        with pytest.raises(NotReached, match=r"did not answer within 0\.05 s"):
            await cluster.get("/version", {}, 0.05, 10_000)
    finally:
        await cluster.aclose()


async def test_an_answer_ends_at_its_size(api: Kubernetes, tmp_path: Path):
    api.answer = lambda request: status(200, "x" * 500_000)  # type: ignore[method-assign]
    cluster = KubernetesCluster(of(tmp_path, kubeconfig(tmp_path / "config", api.url)))
    try:
        answer = await cluster.get("/version", {}, 30, 10_000)
        assert (len(answer.body), answer.cut) == (10_000, True)
    finally:
        await cluster.aclose()


async def test_the_server_s_certificate_is_checked_against_the_kubeconfig_s(tmp_path: Path):
    version = b'{"gitVersion": "v1.34.2"}'
    context = certificate(tmp_path)
    trusted = base64.b64encode((tmp_path / "localhost1.pem").read_bytes()).decode()
    async with serving(Target(http("200 OK", version)), context) as server:
        url = f"https://127.0.0.1:{server.port}"
        told = {"certificate-authority-data": trusted, "tls-server-name": "localhost"}
        for entry, said in (
            (told, None),
            ({**told, "tls-server-name": "another"}, "certificate is not valid for 'another'"),
            ({"tls-server-name": "localhost"}, "self-signed certificate"),
            ({"insecure-skip-tls-verify": True}, None),
        ):
            cluster = KubernetesCluster(of(tmp_path, kubeconfig(tmp_path / "config", url, cluster=entry, token="t")))
            try:
                if said is None:
                    assert (await cluster.get("/version", {}, 30, 10_000)).body == version
                else:
                    with pytest.raises(NotReached, match=said):
                        await cluster.get("/version", {}, 30, 10_000)
            finally:
                await cluster.aclose()


def test_the_role_that_comes_along_is_what_is_needed_and_no_more():
    documents = list(yaml.safe_load_all(Path("deploy/kubernetes/reader.yaml").read_text()))
    (role,) = [one for one in documents if one["kind"] == "ClusterRole"]
    granted = {
        Right(verb, group, resource)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    assert granted == {*NEEDED, *OPTIONAL}
    assert {right.verb for right in granted} == {"get", "list"}
    read = {(one.group, one.plural) for one in RESOURCES.values() if one.kind != "Secret"}
    known = {(right.group, right.resource) for right in (*NEEDED, *OPTIONAL)}
    assert read >= {(right.group, right.resource) for right in NEEDED} - {("", "pods/log")}
    assert read <= known
    assert {right.verb for right in OPTIONAL if (right.group, right.resource) not in read} == {"get"}


async def test_the_doctor_says_what_the_cluster_allows(api: Kubernetes, tmp_path: Path):
    named = kubeconfig(tmp_path / "config", api.url, token="t")
    api.token = "t"
    assert (await doctor(tmp_path, None)).state == "unused"
    fine = await doctor(tmp_path, named)
    assert (fine.state, fine.detail) == ("ok", f"v1.34.2 at {api.url}, all that is read may be read")
    api.may_do_more = True
    assert "may also get secrets" in (await doctor(tmp_path, named)).detail
    api.denied = {"nodes", "pods/log"}
    denied = await doctor(tmp_path, named)
    assert (denied.state, denied.detail) == (
        "failed",
        f"v1.34.2 at {api.url}: may not get nodes, list nodes, get pods/log",
    )
    assert "docs/kubernetes.md" in denied.advice
    api.token = "another"
    assert "does not know our credential" in (await doctor(tmp_path, named)).detail


async def test_the_doctor_says_that_nobody_answers(tmp_path: Path):
    found = await doctor(tmp_path, kubeconfig(tmp_path / "config", "https://127.0.0.1:1"))
    assert found.state == "failed"
    assert found.detail.startswith("the cluster cannot be reached (")


@pytest.mark.parametrize(
    ("labels", "told", "namespace", "named", "node"),
    [
        ({"namespace": "shop", "deployment": "web"}, {}, "shop", ["Deployment web"], None),
        ({"namespace": "shop", "pod": "web-1", "service": "web"}, {}, "shop", ["Pod web-1", "Service web"], None),
        # kube-state-metrics without honorLabels: it measured, the exported labels say what.
        (
            {
                "namespace": "monitoring",
                "pod": "kube-state-metrics-0",
                "service": "kube-state-metrics",
                "container": "kube-state-metrics",
                "exported_namespace": "shop",
                "exported_pod": "web-1",
            },
            {},
            "shop",
            ["Pod web-1"],
            None,
        ),
        (
            {"namespace": "shop", "pod": "kube-state-metrics-0", "job_name": "nightly"},
            {},
            "shop",
            ["Job nightly"],
            None,
        ),
        (
            {"container_label_io_kubernetes_pod_namespace": "shop", "container_label_io_kubernetes_pod_name": "web-1"},
            {},
            "shop",
            ["Pod web-1"],
            None,
        ),
        (
            {"namespace": "shop", "created_by_kind": "StatefulSet", "created_by_name": "db"},
            {},
            "shop",
            ["StatefulSet db"],
            None,
        ),
        ({"namespace": "shop", "resourcequota": "compute"}, {}, "shop", [], None),
        (
            {"node": "node-1", "namespace": "monitoring", "pod": "kube-state-metrics-0"},
            {"source_type": "host"},
            None,
            [],
            "node-1",
        ),
    ],
)
def test_labels_say_what_of_the_cluster_is_meant(
    labels: dict[str, str], told: dict[str, str], namespace: str | None, named: list[str], node: str | None
):
    found = subject_of(case("web", labels=labels, **{"runtime": "kubernetes", **told}))
    assert found is not None
    assert (found.namespace, [" ".join(pair) for pair in found.named], found.node) == (namespace, named, node)


@pytest.mark.parametrize(
    "told",
    [
        case("web"),
        case("web", labels={"pod": "web-1"}),
        case("web", labels={"namespace": "..", "pod": "web-1"}),
        case("web", labels={"namespace": "shop", "pod": "../../secrets"}),
        case("orders", source_type="database", labels={"namespace": "monitoring", "pod": "postgres-exporter-0"}),
        case("shop", source_type="monitor", runtime=None, monitor=monitor(up())),
    ],
)
def test_what_no_label_places_in_a_cluster_is_not_looked_for_there(told: CaseFile):
    assert subject_of(told) is None


def test_a_monitor_of_an_address_inside_the_cluster_is_about_that_service():
    watched = monitor(up()).model_copy(update={"address": "http://web.shop.svc.cluster.local:8080/health"})
    found = subject_of(case("shop", source_type="monitor", runtime=None, monitor=watched))
    assert found == Subject("shop", (("Service", "web"),))
