"""Reads what leads requests for a host into the cluster: ingresses, gateways' routes, and what others call the same."""

import re
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlsplit

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, words_of
from backend.investigation.kinds import CaseFile

_ROUTES = re.compile(r"Ingress|(?:HTTP|TLS|GRPC|TCP)Route|VirtualService|Gateway|Route|IngressRoute(?:TCP)?|HTTPProxy")
_IN_A_RULE = re.compile(r"Host(?:SNI)?\(([^)]*)\)")
_ADDRESS = re.compile(r"[\d.:]+|.*\.svc(?:\.cluster\.local)?")
# Where alerts of outside checks put the address they asked.
_LABELS = ("instance", "target", "url", "host", "hostname", "domain", "endpoint")
_TO = ("backendRefs", "services", "alternateBackends", "to", "service")


def asked_hosts(case: CaseFile) -> frozenset[str]:
    """Public names that the incident is about: of its monitor's address, its own name, its labels."""
    texts = [case.target.name, *(case.target.labels.get(key, "") for key in _LABELS)]
    texts += [case.monitor.address] if case.monitor is not None else []
    hosts = {_host(text) for text in texts}
    return frozenset(host for host in hosts if "." in host and not _ADDRESS.fullmatch(host))


def is_route(one: Object) -> bool:
    """Does it lead requests to services?"""
    return _ROUTES.fullmatch(str(one.get("kind"))) is not None


def serves(one: Object, hosts: frozenset[str]) -> bool:
    """Is it a route for one of these hosts?"""
    return is_route(one) and any(_fits(pattern, host) for pattern in _hosts_of(one) for host in hosts)


def services_of(route: Object) -> list[str]:
    """Names of the services it leads to."""
    found = [str(one.get("name") or "") for key in _TO for one in _under(dict_of(route, "spec"), key)]
    found += [str(one.get("host") or "").split(".")[0] for one in _under(dict_of(route, "spec"), "destination")]
    return list(dict.fromkeys(name for name in found if name))


def secrets_of(route: Object) -> list[str]:
    """Names of the secrets whose certificates it shows."""
    spec = dict_of(route, "spec")
    tls = [*_under(spec, "tls"), *_under(spec, "certificateRefs")]
    names = [one.get(key) for one in tls for key in ("secretName", "credentialName", "name")]
    return list(dict.fromkeys(str(name) for name in names if name))


def _hosts_of(one: Object) -> list[str]:
    spec = dict_of(one, "spec")
    found = [*words_of(spec, "hostnames"), *words_of(spec, "hosts"), str(spec.get("host") or "")]
    found += [str(dict_of(spec, "virtualhost").get("fqdn") or "")]
    for rule in [*list_of(spec, "rules"), *list_of(spec, "listeners")]:
        found += [str(rule.get("host") or rule.get("hostname") or "")]
    for part in [*list_of(spec, "tls"), *list_of(spec, "servers")]:
        found += words_of(part, "hosts")
    for route in list_of(spec, "routes"):
        found += re.findall(r"[\w*.-]+\.[\w-]+", " ".join(_IN_A_RULE.findall(str(route.get("match") or ""))))
    return [host.rpartition("/")[2].lower() for host in found if host]


def _under(value: Any, key: str) -> Iterator[Object]:
    """Every object that stands under a key, alone or in a list, however deep."""
    if isinstance(value, list):
        for inner in cast(list[Any], value):
            yield from _under(inner, key)
    elif isinstance(value, dict):
        for name, inner in cast(Object, value).items():
            if name == key:
                several = cast(list[Any], inner) if isinstance(inner, list) else [inner]
                yield from (one for one in several if isinstance(one, dict))
            yield from _under(inner, key)


def _fits(pattern: str, host: str) -> bool:
    return pattern == host or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def _host(text: str) -> str:
    try:
        return (urlsplit(text if "://" in text else f"//{text}").hostname or "").lower()
    except ValueError:
        return ""
