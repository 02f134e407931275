"""Signs that nothing is wrong (any more): recovered, or healthy all along."""

from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.refills import refilling
from agent_graph.analysts.rules.refusals import turned_away
from agent_graph.analysts.rules.signatures.odd_copy import odd_copy
from agent_graph.analysts.rules.well.aftermath import aftermath
from agent_graph.analysts.rules.well.back_again import stands_high, still_away
from agent_graph.analysts.rules.well.complaints import CALM, bad_lines, calm_again, comes_back, complains
from agent_graph.analysts.rules.well.occasions import told_why
from agent_graph.analysts.rules.well.reruns import done_since, failed_runs
from agent_graph.analysts.rules.well.still_growing import still_grows
from agent_graph.analysts.rules.well.too_little import too_little
from agent_graph.analysts.rules.work_done import end_told
from agent_graph.sources.signs import belongs
from backend.investigation.kinds import Citation
from backend.redaction.clean import one_line

# One good sign can be a stale one.
SIGNS_NEEDED = 2
_SAID, _LONGEST = 3, 240


def recovered(facts: Facts) -> Finding | None:
    """It was bad, and its own source says that it is good again, and the target's state agrees."""
    if trouble_signals(facts) or comes_back(facts) or still_away(facts) or refilling(facts) is not None:
        return None
    if complains(facts, _warned_of(facts), within=CALM) or odd_copy(facts) is not None:
        return None
    # What an alert says there is too little of is no better for a log that is calm again.
    if stands_high(facts) or (facts.case.firing and too_little(facts) is not None):
        return None
    because: list[Citation] = []
    if facts.monitor is not None and facts.monitor.up_again:
        because.append(
            Citation(evidence=facts.monitor.evidence, quote=facts.monitor.lines[0], note="the check passes again")
        )
    failed = failed_runs(facts)
    counted = {metric.cite().quote for metric in failed}
    over = [s.cite("it is over") for s in facts.signs_of("trouble_over") if s.cite().quote not in counted]
    over += [calm] if not failed and (calm := calm_again(facts)) else []
    over += [done] if (done := done_since(facts)) else []
    good = good_signs(facts)
    if facts.case.firing and not because and not (over and len(good) + len(over) >= SIGNS_NEEDED):
        return None
    what, said = aftermath(facts)
    return Finding(
        category="healthy",
        statement=f"{name(facts)} had recovered before anybody acted{_in_words(facts, 'trouble_over')}.{what}",
        supporting=[*because, *over, *said, *good],
        strength="strong",
        disproof="Look at its latest checks or the alert: firing again would disprove it.",
    )


def _warned_of(facts: Facts) -> list[Citation]:
    """What sounds bad and is only warned of: whoever turns all others away takes it for their mistake."""
    return [line.cite() for line in bad_lines(facts) if line.level == "warning"]


def healthy(facts: Facts, suspected: Sequence[Citation] = ()) -> Finding | None:
    """The source still complains, but everything that was looked at is well. `suspected`: what a likely explanation
    rests on, which must be old or over."""
    signs = good_signs(facts)
    if trouble_signals(facts) or len(signs) < SIGNS_NEEDED or complains(facts, suspected) or turned_away(facts):
        return None
    if still_away(facts) or (failed_runs(facts) and not done_since(facts)):
        return None
    if too_little(facts) is not None or _fell_beside(facts) or still_grows(facts):
        return None
    seen = _in_words(facts, "healthy")
    ended = end_told(facts.target, [*facts.lines, *facts.usual, *facts.around]) if facts.target is not None else None
    noise = Finding(
        category="healthy",
        statement=f"{name(facts)} is healthy in everything that was looked at{seen}; the alarm looks like noise.",
        supporting=[*signs, *([ended.cite("its end, as it is told")] if ended is not None else [])],
        strength="strong",
        disproof="Do what its users do; if that fails, the evidence looked at the wrong things.",
    )
    return told_why(noise, facts)


def _fell_beside(facts: Facts) -> bool:
    """Did a neighbour end badly, as its platform says, and is measured to be in trouble? Then it is no noise."""
    ended = [s.subject for s in facts.signs_of("other_ended")]
    measured = [s.subject for s in facts.signs if s.category.startswith("elsewhere:")]
    return any(belongs(who, measured) for who in ended) and facts.case.firing


def _in_words(facts: Facts, category: str) -> str:
    """What was seen, in brackets: the first of each source's, as the source understood it."""
    means = list(dict.fromkeys(s.means for s in facts.signs_of(category, "proof", "strong") if s.means))
    return f" ({one_line('; '.join(means[:_SAID]), _LONGEST)})" if means else ""


def good_signs(facts: Facts) -> list[Citation]:
    """Each thing seen to be well, once."""
    found = {(c.evidence, c.quote): c for c in reversed(_all_good(facts))}
    return list(reversed(found.values()))


def _all_good(facts: Facts) -> list[Citation]:
    found: list[Citation] = []
    found += [s.cite("as it should be") for s in {s.subject: s for s in facts.signs_of("healthy", "strong")}.values()][
        :4
    ]
    container = facts.target
    if (
        container is not None
        and container.running
        and container.restarts == 0
        and container.health in ("healthy", "none")
    ):
        found.append(container.cite("status", "runs without a restart"))
        found += [container.cite("health", "its health check passes")] if container.health == "healthy" else []
    if facts.monitor is not None and facts.monitor.checks and facts.monitor.latest[:1] == ["up"]:
        found.append(
            Citation(evidence=facts.monitor.evidence, quote=facts.monitor.lines[0], note="the latest check passed")
        )
    for role in ("up", "probe"):
        metric = facts.metric(role)
        if metric is not None and min(value for _, value in metric.points[-5:]) >= 1:
            found.append(metric.cite("up without a gap"))
    for role in ("memory", "host_memory", "pg_connections"):
        metric = facts.metric(role)
        if metric is not None and metric.share is not None and metric.share < 0.8:
            found.append(metric.cite("far from its limit"))
    return found
