"""Which remedy can help with this cause in this state. Hooks a person registered for it come first."""

from collections.abc import Iterator, Sequence
from typing import Any

from agent_graph.analysts.rules.confidence import ORDER, has_signal, is_signal
from agent_graph.analysts.rules.context.switches import switched
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.image_before import image_before
from agent_graph.analysts.rules.parts import trouble_signals
from agent_graph.analysts.rules.platform_remedies import beyond_a_restart, came_with_a_revision
from agent_graph.analysts.rules.platform_remedies import options as platform_options
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.start_of_needed import start_of_needed
from agent_graph.conclusion import Draft
from agent_graph.safety.proposal import failed_before
from backend.incident.rules import Refusal
from backend.investigation.kinds import CaseFile, Category, Evidence, HookFact, Proposal
from backend.runbook.rules import check_arguments

# A fresh process helps when the old one is gone, wedged or full; not when what is around it is wrong.
RESTART_HELPS: frozenset[Category] = frozenset(
    {"app_crash", "oom", "memory_pressure", "connection_exhaustion", "probe_failure"}
)


def remedy(
    case: CaseFile, draft: Draft, evidence: Sequence[Evidence], wish: Proposal | None = None
) -> Proposal | Refusal:
    """The first remedy that has not failed before (or, among them, the one wished for), or why there is none."""
    if draft.verdict != "incident" or not draft.hypotheses:
        return Refusal("Nothing is proposed without an established cause.")
    if ORDER[draft.hypotheses[0].confidence] < ORDER["likely"]:
        return Refusal("Nothing is proposed on a mere possibility.")
    needed = list(start_of_needed(draft, evidence))
    if not needed and _of_another(draft, evidence):
        return Refusal("No action is proposed: what is wrong is wrong with another service than the incident's own.")
    facts = read(case, evidence)
    by_label = {found.label: found for found in evidence}
    options = [*_hooks(case, draft, _cited(draft, facts, by_label)), *needed, *_options(draft, facts, by_label)]
    fresh = [option for option in options if not failed_before(case, option)]
    if not fresh:
        return Refusal(_why_none(draft, facts, tried=bool(options)))
    return next((option for option in fresh if wish is not None and _same(option, wish)), fresh[0])


def _of_another(draft: Draft, evidence: Sequence[Evidence]) -> bool:
    """Is the decisive quote one of what is around the target?"""
    leading = draft.hypotheses[0].supporting[:1]
    around = {found.label for found in evidence if found.data.get("own") is False}
    return any(citation.evidence in around for citation in leading)


def _measured(draft: Draft, evidence: dict[str, Evidence]) -> bool:
    """Confirmed, by what was measured of it and not by words alone."""
    leading = draft.hypotheses[0]
    own = [citation for citation in leading.supporting if not citation.beside]
    return leading.confidence == "confirmed" and has_signal(own, evidence)


def _hooks(case: CaseFile, draft: Draft, cited: list[str]) -> Iterator[Proposal]:
    why = f"{draft.root_cause} ({draft.hypotheses[0].confidence})"
    for hook in case.hooks:
        arguments = fill(hook.params_schema)
        if draft.category in hook.categories and arguments is not None:
            yield Proposal(
                kind="runbook.call_hook",
                params={"hook": hook.name, "arguments": arguments},
                target=case.target.name,
                rationale=f"{why} The hook {hook.name} is registered for {draft.category}{_about(hook)}.",
                evidence=cited,
            )


def _options(draft: Draft, facts: Facts, by_label: dict[str, Evidence]) -> Iterator[Proposal]:
    cited = _cited(draft, facts, by_label)
    why = f"{draft.root_cause} ({draft.hypotheses[0].confidence})"
    for option in platform_options(facts, draft.category, draft.root_cause, measured=_measured(draft, by_label)):
        states = [s.evidence for s in facts.signs if s.source == option.kind.split(".")[0]]
        evidence = list(dict.fromkeys([*cited, *states[:2]]))
        yield Proposal(
            kind=option.kind,
            params=option.params,
            target=option.target,
            rationale=f"{why} {option.why}",
            evidence=evidence,
        )
    yield from _rolled_back(draft, facts, cited)
    container = facts.target
    if container is None or not container.in_reach or draft.category not in RESTART_HELPS:
        return
    if beyond_a_restart(facts, draft.category, draft.root_cause) or (container.running and switched(draft, facts)):
        return
    if not container.running and container.data.get("status") in ("exited", "created", "dead"):
        yield Proposal(
            kind="docker.start_container",
            params={"container": container.name},
            target=container.name,
            rationale=f"{why} The container does not run; starting it brings the service back.",
            evidence=cited,
        )
    elif container.running and not container.looping and trouble_signals(facts):
        yield Proposal(
            kind="docker.restart_container",
            params={"container": container.name, "stop_timeout_seconds": 10},
            target=container.name,
            rationale=f"{why} The container runs but does not work; a fresh process clears its state.",
            evidence=cited,
        )


def _rolled_back(draft: Draft, facts: Facts, cited: list[str]) -> Iterator[Proposal]:
    """The container on the image of the version before, where the release that broke it says which one that was."""
    container = facts.target
    if draft.category != "bad_deploy" or container is None or not container.in_reach or not trouble_signals(facts):
        return
    image = image_before(facts, {cite.quote for cite in draft.hypotheses[0].supporting if not cite.beside})
    if image is not None and came_with_a_revision(facts, draft.root_cause):
        yield Proposal(
            kind="docker.rollback_container",
            params={"container": container.name, "image": image},
            target=container.name,
            rationale=f"{draft.root_cause} ({draft.hypotheses[0].confidence}) The version before it worked; what the"
            " newer one changed in its data stays, so look first whether the older one can read that.",
            evidence=cited,
        )


def allowed_actions(case: CaseFile, evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    """What a model may choose among: hooks with their categories, and the target's container."""
    facts = read(case, evidence)
    found: list[dict[str, Any]] = [
        {"kind": "runbook.call_hook", "params": {"hook": hook.name}, "for": hook.categories} for hook in case.hooks
    ]
    if facts.target is not None and facts.target.in_reach:
        kind = "docker.restart_container" if facts.target.running else "docker.start_container"
        found.append({"kind": kind, "params": {"container": facts.target.name}, "for": sorted(RESTART_HELPS)})
    return found


def _about(hook: HookFact) -> str:
    return f": {hook.description[:200].rstrip('.')}" if hook.description else ""


def _cited(draft: Draft, facts: Facts, evidence: dict[str, Evidence]) -> list[str]:
    """What the leading hypothesis rests on; where that is words only, the state that shows the trouble is added."""
    labels = [citation.evidence for citation in draft.hypotheses[0].supporting if not citation.beside]
    if not any(is_signal(evidence[label]) for label in labels if label in evidence):
        labels += [citation.evidence for citation in trouble_signals(facts)]
    return list(dict.fromkeys(labels))


def fill(schema: dict[str, Any]) -> dict[str, Any] | None:
    """Arguments that follow from the schema alone: const, a single enum value, default. None: a person must choose."""
    arguments: dict[str, Any] = {}
    for name in schema.get("required", []):
        rule: Any = schema.get("properties", {}).get(name, {})
        if "const" in rule:
            arguments[name] = rule["const"]
        elif "default" in rule:
            arguments[name] = rule["default"]
        elif rule.get("enum"):
            arguments[name] = rule["enum"][0]
        else:
            return None
    return arguments if check_arguments(schema, arguments) is None else None


def _same(option: Proposal, wish: Proposal) -> bool:
    if option.kind != wish.kind:
        return False
    if option.kind == "runbook.call_hook":
        return option.params["hook"] == wish.params.get("hook")
    if "container" in option.params:
        return option.params["container"] == wish.params.get("container")
    return option.params == wish.params


def _why_none(draft: Draft, facts: Facts, *, tried: bool) -> str:
    if tried:
        return "What could be done automatically has been tried for this incident and did not help; a person must look."
    category = draft.category.replace("_", " ")
    if draft.category not in RESTART_HELPS:
        return f"No action is proposed: a restart does not cure a {category}, and no hook is registered for it."
    if facts.target is None:
        return f"No action is proposed: no container was found for {facts.case.target.name}, and no hook is registered."
    if not facts.target.in_reach:
        return f"No action is proposed: {facts.target.name} is on an engine that Nightdesk only looks at."
    if beyond_a_restart(facts, draft.category, draft.root_cause):
        return f"No action is proposed: a fresh process of {facts.target.name} would meet the same again."
    return f"No action is proposed: {facts.target.name} runs and shows no trouble now."
