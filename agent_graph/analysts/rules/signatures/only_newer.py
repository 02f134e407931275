"""Two versions run side by side and only the newer fails or is killed: the release is why, whatever it fails with."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import median

from agent_graph.analysts.rules.causes import EXPLAINS
from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import decisive, log_citations, name, said
from agent_graph.sources.signs import when
from backend.investigation.kinds import Category, Citation
from backend.redaction.clean import one_line

_RELEASE = re.compile(r"(?:deploy\w*|releases?|rollouts?)\b", re.IGNORECASE)
# How measurements tell versions apart, and how the pods of one template are called.
_VERSIONS = ("version", "app_version", "service_version", "release", "revision", "image_tag", "pod_template_hash")
_TEMPLATE = re.compile(r"^(.+)-([a-z0-9]{6,10})-[a-z0-9]{5}$")
_SLACK = timedelta(minutes=2)
# How much more often it fails, how much more memory it takes, and how many copies show it.
_TIMES, _MORE, _SEVERAL = 20, 1.5, 2


def only_newer(facts: Facts) -> Finding | None:
    """The release, and the measurements that set its version apart from the one before it."""
    releases = [s for s in facts.signs_of("bad_deploy", "strong") if s.at is not None and _is_release(s)]
    if not releases or not facts.case.firing:
        return None
    release = max(releases, key=lambda sign: sign.at or facts.case.started_at)
    explains = EXPLAINS["bad_deploy"]
    apart = next(_failing(facts, release), [])
    if not apart:
        apart, explains = _killed(facts, release), explains | frozenset[Category]({"oom"})
    return _found(facts, release, apart, explains) if apart else None


def _found(facts: Facts, release: Sign, apart: list[Citation], explains: frozenset[Category]) -> Finding:
    since = [
        line for line in facts.matching_levels("error", "fatal") if line.at and release.at and line.at > release.at
    ]
    words = f", and since then: {said(decisive(since))}" if since else ""
    what = f"{name(facts)} fails only where it runs what was just released: {release.means.rstrip('.')}{words}"
    return Finding(
        category="bad_deploy",
        statement=one_line(what, 900).rstrip(".") + ".",
        supporting=[release.cite("just before the trouble"), *apart, *(log_citations(since) if since else [])],
        # Of kills the platform's own record tells, and no words are needed.
        strength="proof" if "oom" in explains else "strong",
        onset=release.at,
        disproof="Take the newer version away: if the copies of the one before fail as well, it was not the cause.",
        explains=explains,
        rooted=True,
    )


def _is_release(sign: Sign) -> bool:
    return _RELEASE.match(sign.means) is not None


def _failing(facts: Facts, release: Sign) -> Iterator[list[Citation]]:
    """Errors measured by version: they begin with the release, and the version before serves beside it without them."""
    for bad in (m for m in facts.metrics if m.role == "errors"):
        key = next((key for key in _VERSIONS if bad.labels.get(key)), None)
        if key is None or not _began_with(bad, release):
            continue
        others = [m for m in facts.metrics if m.labels.get(key) not in (None, bad.labels[key])]
        calm = [m for m in others if m.name == bad.name and m.role == "few_errors" and _was_before(m, release)]
        usual = max((median(v for _, v in m.points) for m in calm), default=0.0)
        served = [m for m in others if m.role not in ("errors", "few_errors") and m.last > 0]
        if calm and (served or usual) and median(v for _, v in bad.points) > _TIMES * usual:
            yield [bad.cite("the newer version"), calm[0].cite("the one before it")]


def _began_with(metric: Metric, release: Sign) -> bool:
    """Was there none of it before?"""
    return not any(value for moment, value in metric.points if moment < _just_before(release))


def _was_before(metric: Metric, release: Sign) -> bool:
    return metric.points[0][0] < _just_before(release)


def _just_before(release: Sign) -> float:
    return release.at.timestamp() - _SLACK.total_seconds() if release.at is not None else 0.0


def _killed(facts: Facts, release: Sign) -> list[Citation]:
    """Copies of the new template were killed for memory that those of the one before do not take."""
    kills = [s for s in facts.signs_of("oom", "proof", "strong") if s.source == "kubernetes" and _template(s.subject)]
    templates = {_template(sign.subject) for sign in kills}
    killed = {sign.subject for sign in kills if sign.at and release.at and sign.at >= release.at - _SLACK}
    if len(templates) != 1 or len(killed) < _SEVERAL or len(killed) < len({sign.subject for sign in kills}):
        return []
    ((workload, new),) = ((one or ("", "")) for one in templates)
    old = [s for s in facts.signs_of("healthy", "strong") if _is_older(s, workload, new, facts, release)]
    grown = _most_memory(facts, killed)
    usual = _most_memory(facts, {sign.subject for sign in old})
    if not grown or not usual or min(m.highest for m in grown) < _MORE * max(m.highest for m in usual):
        return []
    first = min(kills, key=lambda sign: sign.subject)
    return [first.cite("a copy of the newer version"), grown[0].cite("what it takes"), usual[0].cite("the one before")]


def _is_older(sign: Sign, workload: str, new: str, facts: Facts, release: Sign) -> bool:
    made = _template(sign.subject)
    since = when(facts.platform.get("runs_since", {}).get(sign.subject))
    older = since is not None and release.at is not None and since < release.at - _SLACK
    return older and made is not None and made[0] == workload and made[1] != new


def _most_memory(facts: Facts, pods: set[str]) -> Sequence[Metric]:
    return [m for m in facts.metrics if m.role == "memory" and m.labels.get("pod") in pods]


def _template(pod: str) -> tuple[str, str] | None:
    found = _TEMPLATE.match(pod)
    return (found[1], found[2]) if found else None
