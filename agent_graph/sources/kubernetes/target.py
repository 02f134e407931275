"""The incident's target as the cluster knows it, for the readers, which go by names."""

from agent_graph.sources.kubernetes.look import Seen
from agent_graph.sources.kubernetes.objects import name_of
from agent_graph.sources.kubernetes.subject import Subject
from backend.investigation.kinds import CaseFile

_LABELS = {
    "Deployment": "deployment",
    "StatefulSet": "statefulset",
    "DaemonSet": "daemonset",
    "CronJob": "cronjob",
    "Job": "job_name",
    "Pod": "pod",
}


def known_case(case: CaseFile, subject: Subject, seen: Seen) -> CaseFile:
    """The same case, its target's labels and namespace completed by what was found."""
    tops = [*seen.family.tops, *(() if seen.family.tops else seen.family.pods)]
    found = {_LABELS[one["kind"]]: name_of(one) for one in reversed(tops) if one["kind"] in _LABELS}
    # Labels of whoever measured it are no names of the target.
    told = {**case.target.labels, **{_LABELS[kind]: name for kind, name in subject.named if kind in _LABELS}}
    target = case.target.model_copy(
        update={"labels": {**told, **found}, "namespace": subject.namespace or case.target.namespace}
    )
    return case.model_copy(update={"target": target})
