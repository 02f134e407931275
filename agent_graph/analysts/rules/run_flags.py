"""Series that keep how the last run of some work ended, as exporters and scripts write them."""

import re

from agent_graph.analysts.rules.facts import Facts, Metric
from backend.investigation.kinds import AlertFact

# What series are called that keep how the last run ended: 0 when it went well, and 1 when it did.
_ZERO_IS_WELL = re.compile(
    r"exit_?(?:code|status)|return_?code|(?:last|run|job|backup|task)\w*_(?:fail(?:ed|ure)?|error)$"
)
_ONE_IS_WELL = re.compile(r"(?:last|run|job|backup|task)\w*_(?:success(?:ful)?|succeeded|ok)$")
_FAILS = re.compile(r"fail|error|exit|unsuccess|not succe", re.IGNORECASE)
_WORD = re.compile(r"[a-z]{4,}")
_PLACES = frozenset({"instance", "host", "node", "nodename", "namespace", "job", "cluster", "env"})
_COMMON = frozenset("last exit code status success successful succeeded failed failure error return task".split())


def failed_end(facts: Facts) -> Metric | None:
    """The series that the alert on a failed run is about, where it says so still."""
    for alert in facts.case.alerts[:1]:
        told = f"{alert.name} {' '.join(alert.annotations.values())}"
        about = (m for m in facts.metrics if _tells_end(m) and _meant(m, alert, told)) if _FAILS.search(told) else ()
        return next(iter(about), None)
    return None


def _tells_end(metric: Metric) -> bool:
    """Is it such a series, and bad by now? Of a cluster's runs and of containers the bad end stays when all is well."""
    called = metric.name.partition(":")[0]
    if called.startswith("kube_") or "container" in called:
        return False
    bad = metric.last != 0 if _ZERO_IS_WELL.search(called) else metric.last == 0
    return bad and (_ZERO_IS_WELL.search(called) or _ONE_IS_WELL.search(called)) is not None


def _meant(metric: Metric, alert: AlertFact, told: str) -> bool:
    """No label says otherwise, and one that tells no place says so; or the alert calls it, or what it is of."""
    labels = metric.labels
    shared = [key for key in labels if key in alert.labels]
    if any(labels[key] != alert.labels[key] for key in shared):
        return False
    return bool(set(shared) - _PLACES) or any(word in told.lower() for word in work_of(metric))


def work_of(metric: Metric) -> set[str]:
    """What kind of work it is of, by its name and by the labels that tell no place."""
    values = [value for key, value in metric.labels.items() if key not in _PLACES]
    text = " ".join([metric.name, *values]).lower()
    return set(_WORD.findall(text)) - _COMMON
