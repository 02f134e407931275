"""Held back by its CPU limit, and nobody feels it: a notice about a helper, or about a run that is on time."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_NOTICE = ("info", "information", "informational", "notice", "none", "debug")
_WARNING = ("warning", "warn", "minor", "low")
_NO_TROUBLE = ("healthy", "trouble", "trouble_over", "cpu_throttling", "planned", "bad_deploy")
# What a workload's own container is called where it is not called after it.
_PLAIN = frozenset(("app", "application", "main", "server", "web", "api", "service", "worker", "backend", "container"))
# Kept from running in more of its periods than this, whatever it does is late, unless it is measured not to be.
_MOSTLY = 0.6
# How much of its periods the workload itself may lose without being held back.
_HARDLY = 0.05
# What is lost for want of time.
_LOST = re.compile(r"drop|lost|lag|error|fail|reject|timeout|late", re.IGNORECASE)

# What was not taken or not handed on, and what was; and how much less of it is as much.
_NOT_DONE = re.compile(r"drop|lost|fail|error|refus|reject|discard|overflow", re.IGNORECASE)
_OUT, _AS_MUCH = re.compile(r"sent|sender|export|output|delivered|forwarded|written|processed|out_", re.IGNORECASE), 0.9


def unfelt(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Only that it is throttled is seen; it is ready, complains of nothing, and it is a helper's notice or on time."""
    throttled = [metric for metric in facts.metrics if metric.role == "cpu_throttled"]
    held = [metric for metric in throttled if metric.last > _HARDLY]
    felt = [signal for signal in trouble_signals(facts) if not any(signal.quote in m.line for m in throttled)]
    others = [s for s in facts.signs if s.category not in _NO_TROUBLE and s.weight != "weak"]
    on_time = facts.signs_of("on_time")
    if (
        (list(likely) != ["cpu_throttling"] and (likely or not on_time))
        or not held
        or felt
        or others
        or facts.requests
        or complains(facts)
    ):
        return None
    ready = [c for c in good_signs(facts) if not any(c.quote in m.line for m in throttled)]
    far = any(sign.at is not None and sign.at <= facts.case.now for sign in on_time)
    if not ready or (not far and any(metric.last > _MOSTLY for metric in held)):
        return None
    no_harm = on_time or _beside(held, throttled) or _helper(facts) or _in_time(facts)
    if not (_notice(facts) and no_harm) and not (_warns(facts) and _passes_on(facts)):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is throttled, and nothing shows that anybody feels it: "
        f"{on_time[0].means if on_time else 'it is ready, answers and complains of nothing'}. {held[0].line}",
        supporting=[held[0].cite("held back by its limit"), *(s.cite("on time") for s in on_time[:1]), *ready[:3]],
        strength="strong",
        disproof="Measure how long what it does takes: longer than before would make it an incident.",
    )


def _notice(facts: Facts) -> bool:
    """Does whoever wrote the rule not call it more than a notice?"""
    said = [alert.labels.get("severity", "").lower() for alert in facts.case.alerts]
    return bool(said) and all(severity in _NOTICE for severity in said)


def _warns(facts: Facts) -> bool:
    said = [alert.labels.get("severity", "").lower() for alert in facts.case.alerts]
    return bool(said) and all(severity in (*_NOTICE, *_WARNING) for severity in said)


def _passes_on(facts: Facts) -> bool:
    """Of what it hands on, does nothing wait that did not, is nothing lost, and goes no less out than came before?"""
    well = {sign.cite().quote for sign in facts.signs_of("healthy", "strong") if sign.source == "prometheus"}
    queues = [metric for metric in facts.metrics if metric.role == "queue"]
    own = {metric.name.partition("_")[0] for metric in queues}
    ours = [m for m in facts.metrics if m.name.partition("_")[0] in own and m not in queues]
    lost = [m for m in ours if _NOT_DONE.search(m.name)]
    out = [m for m in ours if m not in lost and _OUT.search(m.name) and m.points and m.points[0][1] > 0]
    slow = any(metric.role == "latency" and metric.cite().quote not in well for metric in facts.metrics)
    still = bool(queues and lost and out) and all(m.highest == 0 for m in lost)
    return still and not slow and all(m.cite().quote in well for m in queues) and all(map(_no_less, out))


def _no_less(metric: Metric) -> bool:
    return metric.last >= metric.points[0][1] * _AS_MUCH


def _beside(held: Sequence[Metric], throttled: Sequence[Metric]) -> bool:
    """Is another container of the same pod, the workload itself, not held back at all?"""
    return len(held) < len(throttled)


def _in_time(facts: Facts) -> bool:
    """Is how late it is measured and as ever, and does what counts its losses count none?"""
    well = {sign.cite().quote for sign in facts.signs_of("healthy", "strong") if sign.source == "prometheus"}
    late = [metric for metric in facts.metrics if metric.role == "latency"]
    lost = [m for m in facts.metrics if m not in late and _LOST.search(m.name) and not m.role.startswith("cpu")]
    return bool(late and lost) and all(m.cite().quote in well for m in late) and all(m.highest == 0 for m in lost)


def _helper(facts: Facts) -> bool:
    """Is the container that the alert names called neither after its workload nor as workloads are called?"""
    labels = [alert.labels for alert in facts.case.alerts if alert.labels.get("container")]
    names = [(_words(one["container"]), _words(f"{one.get('pod', '')}-{facts.case.target.name}")) for one in labels]
    return bool(names) and all(not own & (whole | _PLAIN) for own, whole in names)


def _words(text: str) -> set[str]:
    return set(re.split(r"[-_./]", text.lower()))
