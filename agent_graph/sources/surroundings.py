"""What is around the target: which series its neighbours have, and which of very many are compared with it.

Neighbours are what it needs, the other workloads of its namespace, the other containers of its Compose project or
machine, and the other services that its alert's kind of label tells apart.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agent_graph.sources.belonging import owner
from agent_graph.sources.fetch import quoted
from agent_graph.sources.promql import CADVISOR, KUBE_PODS, pods_of
from agent_graph.sources.series import Series
from agent_graph.sources.signs import aliases
from backend.investigation.kinds import CaseFile

# Where there are too many, so many per name that moved most are looked for, and so many of those are compared.
MOVED, KEPT = 3, 20
# How they moved before is measured over so long.
_BEFORE_SECONDS = 900
_CONTAINERS = (*CADVISOR, *KUBE_PODS, "kube_pod_container_status_terminated_reason")
# What is no container's: of the workload, or of the pod.
_WORKLOADS, _PODS = ("kube_deployment_status_replicas_unavailable",), ("kube_pod_status_unschedulable",)
# What services say of themselves, by the shape of its name: slow, failing, waiting, full, gone.
_SERVED = (
    r"\w*(?:request|response|http|grpc|rpc|query|call|db)\w*(?:seconds|ms|duration|latency)_(?:sum|count)",
    r"[\w:]*(?:latency|duration|response_time)[\w:]*p\d\d[\w:]*",
    r"\w*(?:requests?|responses?|handled|errors?|failures?|failed|exceptions?|timeouts?)_total",
    r"\w*(?:pool|connections?|clients|hikaricp|sql)_?\w*(?:active|used|busy|in_use|pending|waiting|max|limit)\w*",
    r"process_(?:open|max)_fds|process_start_time_seconds|jvm_gc_pause_seconds_(?:sum|count)",
    r"\w*(?:queue_(?:length|depth|size)|backlog|consumer\w*_lag)|rabbitmq_alarms_\w+|\w*throttled\w*",
    r"up|\w+_up|redis_memory_(?:used|max)_bytes|pg_stat_activity_count|pg_settings_max_connections",
)
_INTERNAL = r".+_(?:bucket|created|info)|(?:scrape|prometheus|promhttp|alertmanager|net_conntrack)_.+"
_SERVICE = ("service", "service_name", "app", "application", "name")
# Where the alert says that it is one of several of the same kind.
_PLACE = ("cluster", "environment", "env", "stage", "region", "datacenter", "namespace")
# Jobs that watch others: what fails there is not what a service suffers from.
_WATCHING = (
    r"(?:.*[-_/])?(?:cadvisor|node|node[-_]exporter|kube\w*(?:[-_].+)?|kubelet|prometheus|alertmanager|grafana|loki"
    r"|blackbox.*|snmp.*|pushgateway|nightdesk)"
)
_MOST_NAMES = 20
_COMPOSE = "container_label_com_docker_compose_"
# What Kubernetes makes up behind a name, of the letters that it takes for that.
_REPLICA = r"(?:-[bcdfghjklmnpqrstvwxz2456789]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}|-[0-9]+"


@dataclass(frozen=True)
class Around:
    """Series of neighbours, of certain `names` (regular expressions), with labels that fit one of `matchers`.

    `key`: the label that tells neighbours apart; empty where they are few. `beside`: only those that share these labels
    with this series of the target. `needed`: what the target is known to need, by all its names.
    """

    names: tuple[str, ...]
    matchers: tuple[str, ...]
    key: str
    beside: str = ""
    needed: frozenset[str] = frozenset()

    def expr(self, name: str = "", offset: str = "") -> str:
        """All of them, or those of one name, as one would paste it into Grafana."""
        named = "" if name else f"__name__=~{quoted('|'.join(self.names))},__name__!~{quoted(_INTERNAL)},"
        either = " or ".join(f"{name}{{{named}{matchers}}}{offset}" for matchers in self.matchers)
        return f"({either}) and {self.beside}" if self.beside else either

    def moved(self, seconds: int) -> str:
        """The neighbours that moved most in the last `seconds`, per name, against how they moved before.

        A counter moves by what is counted, a gauge by its change: what moves as ever is as much as before.
        """
        offsets = "", f" offset {seconds}s", f" offset {seconds + _BEFORE_SECONDS}s"
        now, then, before = map(self._total, offsets)
        return f"topk by (metric) ({MOVED}, abs({now} - {then}) / (abs({then} - {before}) + 1e-9))"

    def _total(self, offset: str) -> str:
        # Arithmetic takes the name away; series of several names would be the same then.
        series = self.expr(offset=offset)
        return f'sum by (metric, {self.key}) (label_replace({series}, "metric", "$1", "__name__", "(.+)"))'

    def only(self, moved: Sequence[tuple[Mapping[str, str], float]]) -> "Around | None":
        """Of those that moved most, the ones that did so in most of what they measure; None where none moved."""
        points: Counter[str] = Counter()
        for metric in {labels.get("metric", "") for labels, _ in moved}:
            ranked = sorted((row for row in moved if row[0].get("metric", "") == metric), key=lambda row: -row[1])
            for place, (labels, value) in enumerate(ranked):
                points[labels.get(self.key, "")] += MOVED - place if value > 0 else 0
        chosen = sorted((name for name in points if name and points[name]), key=lambda name: (-points[name], name))
        if not chosen:
            return None
        either = "|".join(re.escape(name) for name in chosen[:KEPT])
        return replace(self, matchers=tuple(f"{one},{self.key}=~{quoted(either)}" for one in self.matchers))

    def labelled(self, series: Series) -> Series:
        """With the name of its service as a label, where only its job or its host tells it."""
        if owner(series):
            return series
        host = series.labels.get("instance", "").rsplit(":", 1)[0]
        called = host if host and (self.key == "instance" or host in self.needed) else series.labels.get("job", "")
        return Series({**series.labels, "service": called}, series.points) if called else series


def surroundings(case: CaseFile) -> list[Around]:
    """What to ask for: what the target needs, and what runs beside it."""
    found = _needed(case)
    if case.target.namespace and (case.target.runtime == "kubernetes" or "pod" in case.target.labels):
        return [*found, *_namespace(case, case.target.namespace)]
    if case.target.source_type == "container":
        found.append(_machine(case))
    return [*found, *_services(case)]


def names_of(need: str) -> list[str]:
    """What a dependency may be called: `shop/db` is db, shop-db or shop_db; nothing where it names no service."""
    project, _, service = need.rpartition("/")
    if not service:
        return []
    return [service, f"{project}-{service}", f"{project}_{service}"] if project else [service]


def _needed(case: CaseFile) -> list[Around]:
    needs = [need for need in case.needs if names_of(need)][:_MOST_NAMES]
    if not needs:
        return []
    names = frozenset(name for need in needs for name in names_of(need))
    if case.target.runtime == "kubernetes" and case.target.namespace:
        spaces: dict[str, list[str]] = {}
        for need in needs:
            space, _, name = need.rpartition("/")
            spaces.setdefault(space or case.target.namespace, []).append(name)
        matchers = [f"namespace={quoted(space)},pod=~{quoted(pods_of(*them))}" for space, them in spaces.items()]
        return [Around((*_CONTAINERS, *_PODS, *_SERVED), tuple(matchers), "", needed=names)]
    either = "|".join(re.escape(name) for name in sorted(names))
    matchers = [
        f"name=~{quoted(f'(?:{either})(?:[-_][0-9]+)?')}",
        *(f"{key}=~{quoted(either)}" for key in ("service", "app", "job")),
        f"instance=~{quoted(f'(?:{either})(?::[0-9]+)?')}",
    ]
    return [Around((*CADVISOR, *_SERVED), tuple(matchers), "", needed=names)]


def _namespace(case: CaseFile, namespace: str) -> list[Around]:
    own = "|".join(re.escape(name) for name in aliases(case))
    # Not all that begins with its name: shop-db is no replica of shop.
    space, others = f"namespace={quoted(namespace)}", f"pod!~{quoted(f'(?:{own})(?:{_REPLICA})?')}"
    return [
        Around(_CONTAINERS, (f'{space},container!="",container!="POD",{others}',), "pod"),
        Around((*_PODS, *_SERVED), (f"{space},{others}",), "pod"),
        # They have no pod: narrowed by that, they would all be gone.
        Around(_WORKLOADS, (f"{space},deployment!~{quoted(own)}",), "deployment"),
    ]


def _machine(case: CaseFile) -> Around:
    """The other containers of its Compose project; where that is not exported, those of its machine."""
    own = case.target.labels.get("name", case.target.name)
    project = case.target.labels.get(f"{_COMPOSE}project")
    others = f'name!="",name!={quoted(own)}'
    if project:
        return Around(CADVISOR, (f"{others},{_COMPOSE}project={quoted(project)}",), "name")
    shared = f"instance, job, {_COMPOSE}project"
    seen = f"last_over_time(container_last_seen{{name={quoted(own)}}}[2h])"
    return Around(CADVISOR, (others,), "name", f"on ({shared}) {seen}")


def _services(case: CaseFile) -> list[Around]:
    key = _key(case)
    if not key:
        return []
    labels = case.target.labels
    job = labels.get("job", "")
    places = [place for place in _PLACE if labels.get(place)]
    # One job for all of them, unless each has a job of its own.
    one_job = job and key != "job" and case.target.name not in job
    shared = [*places, "job"] if one_job or key == "instance" else places
    matchers = [f'{key}!=""', f"{key}!={quoted(labels[key])}", *(f"{one}={quoted(labels[one])}" for one in shared)]
    watched = [f"job!~{quoted(_WATCHING)}"] if "job" not in shared else []
    return [Around(_SERVED, (",".join([*matchers, *watched]),), key)]


def _key(case: CaseFile) -> str:
    """The label whose values are services, the target among them; empty where none is."""
    labels, known = case.target.labels, aliases(case)
    job, host = labels.get("job", ""), labels.get("instance", "").rsplit(":", 1)[0]
    watching = re.fullmatch(_WATCHING, job) is not None
    said = next((key for key in _SERVICE if labels.get(key) in known and not (key == "name" and watching)), "")
    if said or not job or watching or case.target.source_type == "database":
        return said
    # Services are called by their names where containers are; an address is one of several of its job.
    return "instance" if host == case.target.name != job and re.fullmatch(r"[a-z][\w-]*", host) else "job"
