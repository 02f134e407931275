"""Two versions run side by side and only the newer fails: the release is why, whatever it fails with."""

from collections.abc import Iterator
from datetime import timedelta
from statistics import median

from agent_graph.analysts.rules.change_kinds import is_release
from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import decisive, log_citations, name, said
from backend.investigation.kinds import Citation
from backend.redaction.clean import one_line

# How measurements tell versions apart.
_VERSIONS = ("version", "app_version", "service_version", "release", "revision", "image_tag", "pod_template_hash")
_SLACK = timedelta(minutes=2)
# How much more often it fails.
_TIMES = 20


def only_newer(facts: Facts) -> Finding | None:
    """The release, and the measurements that set its version apart from the one before it."""
    releases = [s for s in facts.signs_of("bad_deploy", "strong") if s.at is not None and _is_release(s)]
    if not releases or not facts.case.firing:
        return None
    release = max(releases, key=lambda sign: sign.at or facts.case.started_at)
    apart = next(_failing(facts, release), [])
    return _found(facts, release, apart) if apart else None


def _found(facts: Facts, release: Sign, apart: list[Citation]) -> Finding:
    since = [
        line for line in facts.matching_levels("error", "fatal") if line.at and release.at and line.at > release.at
    ]
    words = f", and since then: {said(decisive(since))}" if since else ""
    what = f"{name(facts)} fails only where it runs what was just released: {release.means.rstrip('.')}{words}"
    return Finding(
        category="bad_deploy",
        statement=one_line(what, 900).rstrip(".") + ".",
        supporting=[release.cite("just before the trouble"), *apart, *(log_citations(since) if since else [])],
        strength="strong",
        onset=release.at,
        disproof="Take the newer version away: if the copies of the one before fail as well, it was not the cause.",
        rooted=True,
    )


def _is_release(sign: Sign) -> bool:
    return is_release(sign.means)


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
