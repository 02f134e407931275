"""The guard before a proposal leaves the graph: known kind, valid parameters, target in scope, a real signal."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from agent_graph.analysts.rules.confidence import is_signal
from backend.action.kinds import CATALOGUE, ContainerParams
from backend.incident.rules import Refusal
from backend.investigation.kinds import CaseFile, Evidence, Proposal
from backend.runbook.rules import check_arguments

HOOK = "runbook.call_hook"
START = "docker.start_container"


def guard(proposal: Proposal, case: CaseFile, evidence: Sequence[Evidence]) -> Refusal | None:
    """Why the proposal must not be shown; None: it may."""
    kind = CATALOGUE.get(proposal.kind)
    if kind is None:
        return Refusal(f"There is no action {proposal.kind!r}.")
    try:
        params = kind.params.model_validate(proposal.params)
    except ValidationError as error:
        return Refusal(f"The action's parameters are not valid: {error.errors()[0]['msg']}.")
    cited = [found for found in evidence if found.label in proposal.evidence and not found.error]
    if not any(is_signal(found) for found in cited):
        return Refusal("An action needs at least one signal that is not a log line.")
    if failed_before(case, proposal):
        return Refusal("This has been tried for this incident and did not help.")
    if proposal.kind == HOOK:
        return _hook(proposal, params.model_dump(mode="json"), case)
    if isinstance(params, ContainerParams):
        return _container(proposal, params.model_dump(mode="json"), evidence)
    return _seen_in_scope(proposal, params.subject(), evidence)


def _seen_in_scope(proposal: Proposal, subject: str, evidence: Sequence[Evidence]) -> Refusal | None:
    """`scope` is set by the source that matched objects to the incident's own target, not by any text."""
    if proposal.target != subject:
        return Refusal("The action's target is not what its parameters name.")
    platform = proposal.kind.split(".")[0]
    states = [found for found in evidence if found.source == platform and found.kind == "state" and not found.error]
    if not any(subject in found.inventory for found in states):
        return Refusal(f"{subject} was not seen to exist.")
    if not any(subject in found.data.get("scope", []) for found in states):
        return Refusal(f"{subject} is not what this incident is about.")
    return None


def _hook(proposal: Proposal, params: dict[str, Any], case: CaseFile) -> Refusal | None:
    hook = next((hook for hook in case.hooks if hook.name == params["hook"]), None)
    if hook is None or proposal.target != case.target.name:
        return Refusal(f"There is no hook {params['hook']!r} for {case.target.name}.")
    wrong = check_arguments(hook.params_schema, params["arguments"])
    return Refusal(f"The hook's arguments are not valid: {wrong.text}") if wrong is not None else None


def _container(proposal: Proposal, params: dict[str, Any], evidence: Sequence[Evidence]) -> Refusal | None:
    name = params.get("container")
    if proposal.target != name:
        return Refusal("The action's target is not what its parameters name.")
    seen = {
        item for found in evidence if found.source == "docker" and found.kind == "state" for item in found.inventory
    }
    if name not in seen:
        return Refusal(f"{name} was not seen to exist.")
    # `of_target` and `startable` are set by the source that matched the incident's own target, and what that was
    # declared to need; not by any text.
    states = [found for found in evidence if found.kind == "state" and not found.error]
    scope = {found.data.get("container") for found in states if found.data.get("of_target")}
    if proposal.kind == START:
        scope |= {needed for found in states for needed in found.data.get("startable", [])}
    return None if name in scope else Refusal(f"{name} is not what this incident is about.")


def failed_before(case: CaseFile, proposal: Proposal) -> bool:
    """Has this been done for this incident, without success?"""
    return any(
        past.of_incident
        and past.kind == proposal.kind
        and past.target == proposal.target
        and past.params == _whole(proposal)
        and (past.verification == "not_recovered" or past.status in ("failed", "unknown"))
        for past in case.past_actions
    )


def _whole(proposal: Proposal) -> dict[str, Any]:
    """The parameters with their defaults, as they are stored."""
    kind = CATALOGUE.get(proposal.kind)
    try:
        return kind.params.model_validate(proposal.params).model_dump(mode="json") if kind else proposal.params
    except ValidationError:
        return proposal.params
