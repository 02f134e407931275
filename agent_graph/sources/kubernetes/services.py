"""Reads how the target is reached: services and whom they select, ports, endpoints, ingresses."""

from collections.abc import Sequence
from typing import Any

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of, of_kind
from agent_graph.sources.signs import Book


def selects(selector: Object, pod: Object) -> bool:
    """Does a selector (plain, or matchLabels) fit the pod's labels? An empty one fits nothing here."""
    wanted = dict_of(selector, "matchLabels") or {k: v for k, v in selector.items() if isinstance(v, str)}
    labels = dict_of(pod, "metadata", "labels")
    return bool(wanted) and all(labels.get(key) == value for key, value in wanted.items())


def read_service(book: Book, service: Object, objects: Sequence[Object], mine: Sequence[Object]) -> None:
    """A service of the target: who stands behind it, and at which port. `mine`: the target's pods."""
    name, selector = name_of(service), dict_of(service, "spec", "selector")
    ports: list[Any] = list_of(service, "spec", "ports")
    said = ", ".join(f"{key}={value}" for key, value in selector.items())
    asked = ", ".join(f"{port.get('port')}→{port.get('targetPort', port.get('port'))}" for port in ports)
    line = book.say(f"service {name}: selects {said or 'nothing'}, ports {asked}")
    pods = of_kind(list(objects), "Pod")
    there = [pod for pod in pods if _selected(service, selector, pod)]
    if selector and pods and not there and mine:
        means = f"service {name} selects {said}, and no pod has these labels ({_labels(mine[0])})"
        book.sign("config_error", "strong", f"{line}; no pod has these labels", subject=name, means=means)
    for port in ports:
        _port(book, service, port, there)
    if _waits_for_address(service, objects):
        means = f"service {name} has no address of a load balancer"
        book.sign("trouble", "strong", f"{line}; no load balancer has an address for it", subject=name, means=means)


def _waits_for_address(service: Object, objects: Sequence[Object]) -> bool:
    """Is there somebody who makes load balancers, and has made none for it? Where there is nobody it is so for ever."""
    told = [dict_of(event, "involvedObject") for event in of_kind(list(objects), "Event") if _of_balancer(event)]
    wants = dict_of(service, "spec").get("type") == "LoadBalancer"
    has = list_of(service, "status", "loadBalancer", "ingress")
    return wants and not has and any(whom.get("name") == name_of(service) for whom in told)


def _of_balancer(event: Object) -> bool:
    return event.get("type") == "Warning" and "LoadBalancer" in str(event.get("reason"))


def read_others_service(book: Book, service: Object, objects: Sequence[Object]) -> None:
    """A service beside the target that nobody can use, whatever its pods do: those who need it are its victims."""
    name, selector = name_of(service), dict_of(service, "spec", "selector")
    there = [pod for pod in of_kind(list(objects), "Pod") if _selected(service, selector, pod)]
    for port in list_of(service, "spec", "ports"):
        if wrong := _wrong_port(port, there):
            line = f"service {name}: targetPort {port.get('targetPort', port.get('port'))}, {wrong}"
            means = f"service {name} sends to {line.split(': ', 1)[1]}"
            book.sign("other_down", "strong", line, subject=name, means=means)


def addresses(objects: Sequence[Object]) -> dict[str, str]:
    """Whose cluster addresses are whose: logs often name nothing but an address."""
    found = {
        str(dict_of(one, "spec").get("clusterIP") or ""): name_of(one) for one in of_kind(list(objects), "Service")
    }
    pods = {str(dict_of(one, "status").get("podIP") or ""): name_of(one) for one in of_kind(list(objects), "Pod")}
    return {address: name for address, name in [*pods.items(), *found.items()] if address not in ("", "None")}


def _selected(service: Object, selector: Object, pod: Object) -> bool:
    return namespace_of(pod) == namespace_of(service) and selects(selector, pod)


def _labels(pod: Object) -> str:
    labels = dict_of(pod, "metadata", "labels")
    return "they have " + ", ".join(f"{key}={value}" for key, value in list(labels.items())[:4])


def _port(book: Book, service: Object, port: Object, pods: Sequence[Object]) -> None:
    name, asked, wrong = name_of(service), port.get("targetPort", port.get("port")), _wrong_port(port, pods)
    if wrong:
        line = f"service {name}: targetPort {asked}, {wrong}"
        means = f"service {name} sends to targetPort {asked}, {wrong}"
        book.sign("config_error", "strong", line, subject=name, means=means)


def _wrong_port(port: Object, pods: Sequence[Object]) -> str:
    """What the pods declare instead of the port that is asked; empty where it is among them, or they declare none."""
    asked = port.get("targetPort", port.get("port"))
    open_ports = [one for pod in pods for c in list_of(pod, "spec", "containers") for one in list_of(c, "ports")]
    known = {value for one in open_ports for value in (one.get("containerPort"), one.get("name")) if value}
    if not known or asked in known or (isinstance(asked, str) and asked.isdigit() and int(asked) in known):
        return ""
    return f"where no container listens (they declare {', '.join(map(str, sorted(known, key=str)))})"


def read_endpoints(book: Book, one: Object) -> None:
    """Endpoints, or a slice of them, of the target's service."""
    name = str(dict_of(one, "metadata", "labels").get("kubernetes.io/service-name") or name_of(one))
    if one.get("kind") == "Endpoints":
        subsets: list[Any] = list_of(one, "subsets")
        ready = sum(len(list_of(subset, "addresses")) for subset in subsets)
        waiting = sum(len(list_of(subset, "notReadyAddresses")) for subset in subsets)
    else:
        found: list[Any] = list_of(one, "endpoints")
        ready = sum(dict_of(e, "conditions").get("ready") is not False for e in found)
        waiting = len(found) - ready
    line = f"endpoints of {name}: {ready} ready, {waiting} not ready"
    if ready:
        book.say(line)
    else:
        book.sign("trouble", "strong", line, subject=name, means=f"service {name} has no endpoint that is ready")


def read_ingress(book: Book, ingress: Object, services: Sequence[Object]) -> None:
    """An ingress of the target whose service is not there, or not at that port."""
    name, namespace = name_of(ingress), namespace_of(ingress)
    known = {name_of(one): one for one in services if namespace_of(one) == namespace}
    for backend in backends(ingress):
        wanted = str(backend.get("name"))
        port = dict_of(backend, "port").get("number") or dict_of(backend, "port").get("name")
        line = f"ingress {name}: backend {wanted}:{port}"
        if known and wanted not in known:
            means = f"ingress {name} sends to service {wanted}, which does not exist"
            book.sign("config_error", "strong", line, subject=name, means=means)
            continue
        ports: list[Any] = list_of(known[wanted], "spec", "ports") if known else []
        if port and ports and port not in [value for one in ports for value in (one.get("port"), one.get("name"))]:
            means = f"ingress {name} sends to port {port} of {wanted}, which has no such port"
            book.sign("config_error", "strong", line, subject=name, means=means)
        else:
            book.say(line)


def backends(ingress: Object) -> list[Object]:
    """The services an ingress names, with their ports."""
    paths = [path for rule in list_of(ingress, "spec", "rules") for path in list_of(rule, "http", "paths")]
    whole = dict_of(ingress, "spec", "defaultBackend", "service")
    return [one for one in [*(dict_of(path, "backend", "service") for path in paths), whole] if one.get("name")]
