"""Turns a set of Kubernetes objects into evidence: state (pods, workloads, nodes), events, last words."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from agent_graph.sources.kubernetes.allowances import read_budget, read_limit_range
from agent_graph.sources.kubernetes.certificates import read_certificates, spaces_named
from agent_graph.sources.kubernetes.crowding import after_room_was_lost, read_crowd
from agent_graph.sources.kubernetes.departures import is_well, read_absence, read_departure, told_to_go
from agent_graph.sources.kubernetes.earlier_runs import read_last_run
from agent_graph.sources.kubernetes.endings import read_rest
from agent_graph.sources.kubernetes.events import last_seen, read_event
from agent_graph.sources.kubernetes.expected_failures import read_expected
from agent_graph.sources.kubernetes.limits import read_autoscaler, read_claim, read_quota, read_volume
from agent_graph.sources.kubernetes.lingering import read_lingering
from agent_graph.sources.kubernetes.meant_codes import read_meant_codes
from agent_graph.sources.kubernetes.meshes import read_outsiders
from agent_graph.sources.kubernetes.nodes import read_node
from agent_graph.sources.kubernetes.objects import (
    Object,
    dict_of,
    flatten,
    list_of,
    name_of,
    namespace_of,
    node_of,
    number_of,
    of_kind,
)
from agent_graph.sources.kubernetes.operators import read_operated
from agent_graph.sources.kubernetes.placeholders import keeps_room, read_placeholders
from agent_graph.sources.kubernetes.planned import past_runs, read_jobs
from agent_graph.sources.kubernetes.pods import read_pod
from agent_graph.sources.kubernetes.policies import is_policy, pod_of, read_policy
from agent_graph.sources.kubernetes.reach import Reach, mounts, reach_of
from agent_graph.sources.kubernetes.rollouts import read_rollout
from agent_graph.sources.kubernetes.routes import is_route, secrets_of
from agent_graph.sources.kubernetes.schedules import read_runs, read_schedule
from agent_graph.sources.kubernetes.services import (
    addresses,
    read_endpoints,
    read_ingress,
    read_others_service,
    read_service,
    selects,
)
from agent_graph.sources.kubernetes.turns import getting_on, is_starting
from agent_graph.sources.kubernetes.waiting import read_waiting
from agent_graph.sources.kubernetes.workloads import read_condition, read_workload, ready_of, stands_in, wanted_of
from agent_graph.sources.signs import Book, aliases, belongs
from backend.investigation.kinds import CaseFile, Evidence

NAME = "kubernetes"
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
_EPOCH = datetime.fromtimestamp(0, UTC)
_NO_TROUBLE = ("healthy", "other_down", "other_off", "other_ended", "bad_deploy", "fewer")


def evidence_of(case: CaseFile, documents: list[Any], query: str) -> list[Evidence]:
    """State, events and last words; nothing when there are no objects."""
    objects = flatten(documents)
    state, events, reach = Book(), Book(), reach_of(case, objects)
    mine = [pod for pod in of_kind(objects, "Pod") if reach.has(pod)]
    nodes = {node for pod in mine if (node := node_of(pod))}
    past = past_runs(of_kind(objects, "Job"), of_kind(objects, "CronJob"), case.started_at)
    _workloads(state, objects, reach, past)
    whole, starting = _whole(objects) | past.keys(), set[str]()
    for pod in of_kind(objects, "Pod"):
        if keeps_room(pod):
            state.say(f"pod {name_of(pod)}: a placeholder that keeps room free")
            continue
        if is_starting(pod, state.facts.get("turning", []), case.now):
            state.owns(f"{namespace_of(pod)}/pod/{name_of(pod)}")
            state.say(f"pod {name_of(pod)}: starts, made anew by the rollout")
            starting.add(name_of(pod))
            continue
        if reach.has(pod) and read_expected(state, objects, pod):
            continue
        read_pod(state, pod, case.now, mine=reach.has(pod), whole=whole)
    read_rest(state, mine, of_kind(objects, "Pod"))
    read_waiting(state, objects, mine, case.now)
    spaces = {case.target.namespace, *(namespace_of(pod) for pod in mine)}
    others = [one for one in of_kind(objects, "Pod", *_WORKLOADS) if not reach.has(one)]
    state.facts["near"] = [name_of(one) for one in others if namespace_of(one) in spaces]
    _around(state, objects, mine, reach)
    _ways(state, objects, mine, reach)
    read_operated(state, objects, case)
    read_lingering(state, objects, case)
    for node in of_kind(objects, "Node"):
        read_node(state, node, mine=name_of(node) in nodes or name_of(node) in aliases(case))
        if name_of(node) in aliases(case):
            read_departure(state, node, objects)
        if name_of(node) in nodes:
            read_crowd(state, node, of_kind(objects, "Pod"), mine)
    read_absence(state, case, objects)
    well = frozenset(sign["subject"] for sign in state.signs if sign["category"] == "healthy")
    named = [one for one in objects if one.get("kind") not in ("Event", "Node")]
    ours = {name_of(one): reach.has(one) and not keeps_room(one) for one in named}
    ours |= {one["name"]: False for one in state.facts.get("expected", [])}
    off = frozenset(name_of(one) for one in of_kind(objects, *_WORKLOADS) if _is_off(one) and not reach.has(one))
    for event in sorted(of_kind(objects, "Event"), key=lambda e: last_seen(e) or _EPOCH):
        about, gone = _about(event, case, nodes, ours), bool(mine) and _gone(event, ours)
        at = case.started_at, case.now
        read_event(events, event, *at, about=about, well=well, gone=gone, off=off, starting=starting)
    after_room_was_lost(state, events)
    found = [_evidence(case, book, kind, query) for book, kind in ((state, "state"), (events, "event")) if book.lines]
    return [*found, *_last_words(case, state, query)]


def _evidence(case: CaseFile, book: Book, kind: Any, query: str) -> Evidence:
    bad = [sign["means"] or sign["quote"] for sign in book.signs if sign["category"] not in _NO_TROUBLE]
    return Evidence(
        source=NAME,
        kind="state",
        title="Kubernetes objects" if kind == "state" else "Kubernetes events",
        query=query,
        window_end=case.now,
        summary=(bad[0] if bad else "Nothing unusual.")[:1000],
        content=book.content(),
        data=book.data(),
        inventory=list(dict.fromkeys(book.inventory)),
    )


def _last_words(case: CaseFile, book: Book, query: str) -> list[Evidence]:
    """What containers left in their termination messages: their own text, to be read as a log is."""
    if not book.last_words:
        return []
    lines = [f"{at:%Y-%m-%dT%H:%M:%SZ} {said}" if at else said for at, said in book.last_words]
    return [
        Evidence(
            source=NAME,
            kind="log",
            title="Last words of its containers",
            query=query,
            window_end=case.now,
            summary=f"{len(lines)} termination messages.",
            content="\n".join(dict.fromkeys(lines)),
        )
    ]


def _is_done(job: Object) -> bool:
    """Have as many of its pods come to their end as it wants, however many failed before?"""
    wanted = max(1, number_of(dict_of(job, "spec").get("completions"), 1))
    return number_of(dict_of(job, "status").get("succeeded")) >= wanted


def _whole(objects: list[Object]) -> frozenset[str]:
    """Workloads that miss nothing, and jobs and single pods that are done."""
    whole = [one for one in of_kind(objects, *_WORKLOADS) if wanted_of(one) and ready_of(one) >= wanted_of(one)]
    sets = [one for one in of_kind(objects, "ReplicaSet") if wanted_of(one) and ready_of(one) >= wanted_of(one)]
    done = [one for one in of_kind(objects, "Job") if _is_done(one)]
    done += [one for one in of_kind(objects, "Pod") if dict_of(one, "status").get("phase") == "Succeeded"]
    return frozenset(name_of(one) for one in [*whole, *sets, *done])


def _workloads(book: Book, objects: list[Object], reach: Reach, past: dict[str, str]) -> None:
    for one in of_kind(objects, *_WORKLOADS):
        if reach.has(one):
            if keeps_room(one):
                read_placeholders(book, one)
                continue
            on = getting_on(one, objects, reach.case.now)
            book.facts.setdefault("turning", []).extend([name_of(one)] if on else [])
            read_workload(book, one, stands_in(one, objects), on)
        else:
            _other(book, one)
    sets = [one for one in of_kind(objects, "ReplicaSet") if reach.has(one)]
    read_rollout(book, sets, reach.case.started_at)
    for one in sets:
        for condition in list_of(one, "status", "conditions"):
            read_condition(book, f"replicaset {name_of(one)}", name_of(one), condition)
    read_jobs(book, [one for one in of_kind(objects, "Job") if reach.has(one)], past)
    for cronjob in of_kind(objects, "CronJob"):
        if reach.has(cronjob):
            namespace = str(dict_of(cronjob, "metadata").get("namespace", "default"))
            book.owns(f"{namespace}/cronjob/{name_of(cronjob)}")
            jobs, others = of_kind(objects, "Job"), of_kind(objects, "CronJob")
            read_schedule(book, cronjob, jobs, reach.case.now, others)
            read_last_run(book, cronjob, reach.case.now)
            read_meant_codes(book, cronjob)
    own = [job for job in of_kind(objects, "Job") if reach.has(job)]
    for job in own:
        read_meant_codes(book, job)
    read_runs(book, own, of_kind(objects, "Job"), reach.case.now)


def _other(book: Book, one: Object) -> None:
    wanted, ready = wanted_of(one), ready_of(one)
    line = f"{str(one['kind']).lower()} {name_of(one)}: {ready} of {wanted} replicas ready"
    if ready < wanted and ready == 0:
        means = f"{name_of(one)} has no replica that is ready"
        book.sign("other_down", "strong", line, subject=name_of(one), means=means)
    elif _is_off(one):
        means = f"{name_of(one)} is scaled to zero"
        book.sign("other_off", "weak", f"{line}; it wants none", subject=name_of(one), means=means)
    else:
        book.say(line)
    if 0 < wanted <= ready:
        book.facts.setdefault("whole", []).append({"name": name_of(one), "line": line})


def _is_off(one: Object) -> bool:
    return dict_of(one, "spec").get("replicas") == 0


def _around(book: Book, objects: list[Object], mine: Sequence[Object], reach: Reach) -> None:
    """What the target needs besides itself: room and volumes."""
    missing = any(sign["category"] == "trouble" for sign in book.signs)
    for quota in of_kind(objects, "ResourceQuota"):
        read_quota(book, quota, missing=missing)
    for limits in of_kind(objects, "LimitRange"):
        read_limit_range(book, limits)
    # One that is not well goes for another reason, whoever it is that stays on it.
    leaves = {name_of(node) for node in of_kind(objects, "Node") if told_to_go(node) and is_well(node)}
    leaves &= set(aliases(reach.case))
    for budget in of_kind(objects, "PodDisruptionBudget"):
        kept = [pod for pod in mine if _fronts(budget, pod)]
        if kept:
            read_budget(book, budget, [pod for pod in kept if node_of(pod) in leaves])
    for claim in of_kind(objects, "PersistentVolumeClaim"):
        read_claim(book, claim, mine=any(mounts(pod, claim) for pod in mine) or reach.has(claim))
    for volume in of_kind(objects, "PersistentVolume"):
        read_volume(book, volume)
    for scaler in of_kind(objects, "HorizontalPodAutoscaler"):
        if reach.has(scaler):
            read_autoscaler(book, scaler)


def _ways(book: Book, objects: list[Object], mine: Sequence[Object], reach: Reach) -> None:
    """How the target is reached, and whom it reaches: services, ingresses, certificates, network policies."""
    services, spaces = of_kind(objects, "Service"), {namespace_of(pod) for pod in mine}
    book.facts["addresses"] = addresses(objects)
    ours = [one for one in services if reach.has(one) or any(_fronts(one, pod) for pod in mine)]
    for service in services:
        if service in ours:
            read_service(book, service, objects, mine)
        elif namespace_of(service) in spaces:
            read_others_service(book, service, objects)
    for one in of_kind(objects, "Endpoints", "EndpointSlice"):
        if reach.has(one) or any(name_of(one).startswith(name_of(service)) for service in ours):
            read_endpoints(book, one)
    for ingress in of_kind(objects, "Ingress"):
        if reach.has(ingress):
            read_ingress(book, ingress, services)
    routes = [one for one in objects if is_route(one) and reach.has(one)]
    alerts = reach.case.alerts[:1]
    told = " ".join(text for one in alerts for text in [*one.labels.values(), *one.annotations.values()])
    there = {*spaces, *map(namespace_of, routes), reach.case.target.namespace, *spaces_named(objects, told)}
    read_certificates(book, objects, there, [name for one in routes for name in secrets_of(one)], reach.case.now)
    others = [pod for pod in of_kind(objects, "Pod") if not reach.has(pod)]
    policies = [one for one in objects if is_policy(one)]
    read_outsiders(book, policies, mine)
    held = mine or [pod_of(run) for run in objects if dict_of(run, "spec", "template") and reach.has(run)]
    for policy in policies:
        read_policy(book, policy, held, others, reach.case.started_at)


def _fronts(service: Object, pod: Object) -> bool:
    return namespace_of(service) == namespace_of(pod) and selects(dict_of(service, "spec", "selector"), pod)


def _gone(event: Object, ours: dict[str, bool]) -> bool:
    whom = dict_of(event, "involvedObject") or dict_of(event, "regarding")
    return whom.get("kind") == "Pod" and str(whom.get("name", "")) not in ours


def _about(event: Object, case: CaseFile, nodes: set[str], ours: dict[str, bool]) -> Any:
    """`ours`: of every object that is there, by name, whether the incident is about it."""
    whom = dict_of(event, "involvedObject") or dict_of(event, "regarding")
    name = str(whom.get("name", ""))
    if whom.get("kind") == "Node":
        return "target" if name in aliases(case) else "node" if name in nodes else "other"
    known = aliases(case)
    namespace = str(whom.get("namespace") or case.target.namespace or "")
    if case.target.namespace and namespace != case.target.namespace:
        return "other"
    # KEDA names an autoscaler after what it scales.
    scaled = name.removeprefix("keda-hpa-") if whom.get("kind") == "HorizontalPodAutoscaler" else name
    mine = belongs(scaled, known) or any(scaled.startswith(f"{alias}-") for alias in known)
    return "target" if ours.get(name, mine) else "other"
