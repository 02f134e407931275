"""Of several copies one alone fails, and it alone is of another version: what it was made from is why."""

import re
from datetime import UTC, datetime
from statistics import median

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name
from agent_graph.wording import clock

_POD = re.compile(r'\bpod="([^"]+)"')
_IMAGE = re.compile(r'\bimage="([^"]+)"')
# Copies of one template carry its hash before their own name.
_TEMPLATE = re.compile(r"^(.+-[a-z0-9]{6,10})-[a-z0-9]{3,5}$")
# How much more often it fails than the others, and how many of its own kind do not.
_TIMES, _OTHERS = 20, 2
# From how many seconds after the others on it came later.
_LATER = 300


def odd_copy(facts: Facts) -> Finding | None:
    """Every copy of one version is measured to fail often, and no copy of the other is."""
    failing, calm = (_by_template(facts, role) for role in ("errors", "few_errors"))
    if len(failing) != 1 or sum(map(len, calm.values())) < _OTHERS or set(failing) & set(calm):
        return None
    ((template, bad),) = failing.items()
    usual = max(median(v for _, v in m.points) for found in calm.values() for m in found)
    if min(median(v for _, v in m.points) for m in bad) < max(_TIMES * usual, 1e-9) or not facts.case.firing:
        return None
    images = _images(facts)
    new, old = images.get(template, template), sorted({images.get(one, one) for one in calm})
    if new in old:
        return None
    return Finding(
        category="bad_deploy",
        statement=f"{name(facts)} fails where it runs {new}{_since(bad[0], facts)}, and not where it runs"
        f" {', '.join(old)}: only the copies of {template} answer with errors.",
        supporting=[
            *(metric.cite("a copy of the one version") for metric in bad[:2]),
            *(found[0].cite("a copy of the other") for found in calm.values()),
            *([facts.alert] if facts.alert else []),
        ],
        strength="strong",
        onset=bad[0].change_at,
        disproof=f"Take {template} away: if the others begin to fail, the version is not the cause.",
        rooted=True,
    )


def _by_template(facts: Facts, role: str) -> dict[str, list[Metric]]:
    """The series of that role, by what their pods were made from."""
    found: dict[str, list[Metric]] = {}
    for metric in facts.metrics:
        pod = _POD.search(metric.line) if metric.role == role else None
        made = _TEMPLATE.match(pod[1]) if pod is not None else None
        if made is not None:
            found.setdefault(made[1], []).append(metric)
    return found


def _images(facts: Facts) -> dict[str, str]:
    """What each template runs, where it is measured."""
    found: dict[str, str] = {}
    for metric in facts.metrics:
        pod, image = _POD.search(metric.line), _IMAGE.search(metric.line)
        made = _TEMPLATE.match(pod[1]) if pod is not None else None
        if made is not None and image is not None:
            found[made[1]] = image[1]
    return found


def _since(metric: Metric, facts: Facts) -> str:
    """When it was first measured, where that was not all the time."""
    began = min((m.points[0][0] for m in facts.metrics), default=metric.points[0][0])
    first = datetime.fromtimestamp(metric.points[0][0], UTC)
    return f" (since {clock(first, seconds=False)})" if metric.points[0][0] - began > _LATER else ""
