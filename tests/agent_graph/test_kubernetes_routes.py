"""From the public name that a check asks to the pods behind it and the certificate it shows."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.sources.kubernetes.reach import reach_of
from agent_graph.sources.kubernetes.routes import secrets_of
from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import NOW, alert, case
from tests.agent_graph.cases import monitor as watched

Object = dict[str, Any]


def _object(kind: str, name: str, status: Object | None = None, **spec: Any) -> Object:
    meta = {"name": name, "namespace": "shop", "creationTimestamp": (NOW - timedelta(minutes=9)).isoformat()}
    return {"kind": kind, "metadata": meta, "spec": spec, "status": status or {}}


POD = _object("Pod", "front-7d9f8b6c5-x2x4z")
NAMED = "shop.example.org"
INGRESS = _object(
    "Ingress",
    "a",
    rules=[{"host": NAMED, "http": {"paths": [{"backend": {"service": {"name": "front", "port": {"number": 80}}}}]}}],
    tls=[{"hosts": [NAMED], "secretName": "front-tls"}],
)
ROUTES: dict[str, Object] = {
    "ingress": INGRESS,
    "gateway's route": _object("HTTPRoute", "b", hostnames=[NAMED], rules=[{"backendRefs": [{"name": "front"}]}]),
    "istio": _object(
        "VirtualService", "c", hosts=["*.example.org"], http=[{"route": [{"destination": {"host": "front.shop.svc"}}]}]
    ),
    "openshift": _object("Route", "d", host=NAMED, to={"kind": "Service", "name": "front"}),
    "traefik": _object(
        "IngressRoute", "e", routes=[{"match": f"Host(`{NAMED}`) && PathPrefix(`/`)", "services": [{"name": "front"}]}]
    ),
    "contour": _object("HTTPProxy", "f", virtualhost={"fqdn": NAMED}, routes=[{"services": [{"name": "front"}]}]),
}


@pytest.mark.parametrize(
    ("told", "status", "waits"),
    [
        ("SyncLoadBalancerFailed", {}, True),
        ("SyncLoadBalancerFailed", {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}, False),
        ("", {}, False),
    ],
)
def test_a_service_waits_for_its_address_only_where_somebody_gives_one(told: str, status: Object, waits: bool):
    service = _object("Service", "web", status, type="LoadBalancer")
    event = {"kind": "Event", "type": "Warning", "reason": told, "message": "x", "involvedObject": {"name": "web"}}
    found = evidence_of(case(), [service, *([event] if told else [])], "test")
    signs = [sign["category"] for one in found for sign in one.data["signs"]]
    assert ("trouble" in signs) is waits


@pytest.mark.parametrize("kind", ROUTES)
def test_a_check_of_a_public_name_is_about_what_its_route_leads_to(kind: str):
    of_it = case(monitor=watched().model_copy(update={"address": f"https://{NAMED}/health"}))
    of_another = case(monitor=watched().model_copy(update={"address": "https://blog.other.org"}))
    assert reach_of(of_it, [ROUTES[kind], POD]).has(POD)
    assert not reach_of(of_another, [ROUTES[kind], POD]).has(POD)


def _condition(kind: str, status: str, reason: str, message: str) -> Object:
    return {"conditions": [{"type": kind, "status": status, "reason": reason, "message": message}]}


NONE, PAST = {}, {"notAfter": (NOW - timedelta(hours=1)).isoformat()}
VALID = {"notAfter": (NOW + timedelta(days=20)).isoformat()}
LIMITED = _object("Order", "front-tls-1-99", {"state": "errored", "reason": "429 rateLimited: too many certificates"})
REFUSED = _object("Challenge", "front-tls-1-99-3", {"state": "invalid", "reason": "wrong status code '404'"})
ISSUER = _object("ClusterIssuer", "ca", _condition("Ready", "False", "ErrInitIssuer", "secret vault-token not found"))
WAITS = _object("CertificateRequest", "front-tls-1", _condition("Ready", "False", "Pending", "Waiting on issuance"))
OBSTACLES: dict[str, tuple[Object, Object, tuple[str, str, str] | None]] = {
    "never issued, as the authority limits": (NONE, LIMITED, ("rate_limited", "strong", "too many certificates")),
    "never issued, as the challenge fails": (NONE, REFUSED, ("certificate_expired", "strong", "status code '404'")),
    "past, as the issuer is not ready": (PAST, ISSUER, ("certificate_expired", "proof", "vault-token not found")),
    "only asked for": (NONE, WAITS, None),
    "valid, though its renewal fails": (VALID, REFUSED, None),
}


@pytest.mark.parametrize("name", OBSTACLES)
def test_a_certificate_tells_why_there_is_no_new_one(name: str):
    status, step, expected = OBSTACLES[name]
    certificate = _object("Certificate", "front-tls", status, secretName="front-tls", issuerRef={"name": "ca"})
    of_it = case(monitor=watched().model_copy(update={"address": f"https://{NAMED}/health"}))
    signs = [s for one in evidence_of(of_it, [INGRESS, certificate, step], "test") for s in one.data["signs"]]
    found = [(s["category"], s["weight"], s["means"]) for s in signs if "certificate" in s["means"]]
    assert secrets_of(INGRESS) == ["front-tls"]
    if expected is None:
        assert not found
    else:
        assert found[0][:2] == expected[:2]
        assert expected[2] in found[0][2]


@pytest.mark.parametrize(("label", "named"), [("front-tls", True), (NAMED, True), ("other-tls", False)])
def test_a_certificate_that_the_alert_names_is_read_wherever_it_is(label: str, named: bool):
    certificate = _object("Certificate", "front", PAST, secretName="front-tls", dnsNames=[NAMED])
    certificate["metadata"]["namespace"] = "elsewhere"
    of_it = case(alerts=[alert(labels={"alertname": "CertificateExpired", "secret": label})])
    signs = [s for one in evidence_of(of_it, [certificate], "test") for s in one.data["signs"]]
    assert any(s["category"] == "certificate_expired" for s in signs) == named


def _made_for(kind: str, name: str, *owner: str) -> Object:
    step = _object(kind, name, {"state": "invalid", "reason": "wrong status code '404'"})
    owners = [{"kind": owner[0], "name": owner[1]}] if owner else []
    return {**step, "metadata": {**step["metadata"], "ownerReferences": owners}}


REQUEST = _made_for("CertificateRequest", "renewed", "Certificate", "web-admin")
CHALLENGES: dict[str, tuple[list[Object], str]] = {
    "as it is named": ([_made_for("Challenge", "web-admin-1-385-7")], "web-admin"),
    "by its order, whose name was cut": (
        [
            _made_for("Challenge", "x-7", "Order", "x"),
            _made_for("Order", "x", "CertificateRequest", "renewed"),
            REQUEST,
        ],
        "web-admin",
    ),
    "by an order that was not read": ([_made_for("Challenge", "x-7", "Order", "web-1-385")], "web"),
    "by its owner, whatever it is called": (
        [_made_for("Challenge", "web-1-385-7", "CertificateRequest", "renewed"), REQUEST],
        "web-admin",
    ),
    "of one that is not there": ([_made_for("Challenge", "web-shop-1-385-7")], ""),
}


@pytest.mark.parametrize("name", CHALLENGES)
def test_a_challenge_is_that_of_the_certificate_it_was_made_for(name: str):
    steps, whose = CHALLENGES[name]
    certificates = [_object("Certificate", one, secretName=one) for one in ("web", "web-admin")]
    of_it = case(monitor=watched().model_copy(update={"address": f"https://{NAMED}/health"}))
    signs = evidence_of(of_it, [INGRESS, *certificates, *steps], "test")[0].data["signs"]
    assert {s["subject"] for s in signs if s["category"] == "certificate_expired"} == {whose} - {""}
