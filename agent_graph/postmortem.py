"""The job that writes a post-mortem: facts by rules, and with a key a narrative by the model, set apart."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import structlog

from agent_graph.analysts.llm.prompt import read_prompt
from agent_graph.deps import Model, ModelFailed
from agent_graph.safety.evidence import safe_text
from agent_graph.safety.fence import fence, new_mark
from backend.deps import Deps
from backend.incident import service as incidents
from backend.incident.rules import Refusal
from backend.investigation.kinds import Usage
from backend.postmortem import service
from backend.postmortem.kinds import Story
from backend.postmortem.text import write
from backend.redaction.patterns import Pattern, compile_pattern
from backend.secretpattern import service as secretpattern
from backend.usage import service as usage

log = structlog.get_logger(__name__)

_LONGEST = 4_000


async def write_post_mortem(deps: Deps, *, incident_id: str, model: Model | None, **_: Any) -> None:
    """claim · write · record. One text per resolution, however often the job runs."""
    identity = uuid.UUID(incident_id)
    async with deps.db.transaction() as session:
        story = await service.open_story(session, identity)
    if isinstance(story, Refusal):
        log.info("post_mortem_refused", incident_id=incident_id, reason=story.reason)
        return
    narrative = await _narrative(deps, identity, story, model) if model is not None else ""
    body = write(story, narrative, model.name if model is not None else "")
    async with deps.db.transaction() as session:
        await service.record(session, identity, body, "llm" if narrative else "rules", deps.clock.now())


async def _narrative(deps: Deps, incident_id: uuid.UUID, story: Story, model: Model) -> str:
    """The model's prose, or nothing: the post-mortem does not wait for it. On the team's bill like any other call."""
    async with deps.db.transaction() as session:
        incident = await incidents.lock(session, incident_id)
        patterns = [compile_pattern(row.pattern) for row in await secretpattern.of_team(session, incident.team_id)]
        facts = {key: _safe(value, patterns) for key, value in asdict(story).items()}
        messages = [
            {"role": "system", "content": read_prompt("post_mortem").text},
            {"role": "user", "content": "The facts:\n\n" + fence("incident", facts, new_mark())},
        ]
        guess = model.guess(messages, [])
        call = usage.Call(incident.team_id, incident_id, "post_mortem", model.name, guess.tokens_in)
        reserved = await usage.reserve(session, deps.settings, call, deps.clock.now())
    if isinstance(reserved, Refusal):
        log.warning("post_mortem_without_model", reason=reserved.reason)
        return ""
    text, spent = await _written(deps, model, messages, guess)
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        if spent is None:
            await usage.void(session, reserved, now)
        else:
            counted = (spent.tokens_in, spent.tokens_out)
            await usage.settle(session, deps.settings, reserved, *counted, estimated=spent.estimated, now=now)
    return safe_text(text, _LONGEST, patterns).strip()


async def _written(deps: Deps, model: Model, messages: list[Any], guess: Usage) -> tuple[str, Usage | None]:
    try:
        async with asyncio.timeout(deps.settings.llm_timeout_seconds):
            reply = await model.complete(messages, [])
    except ModelFailed as failed:
        log.warning("post_mortem_without_model", reason=str(failed))
        return "", failed.usage
    except TimeoutError:
        log.warning("post_mortem_without_model", reason="The model did not answer in time.")
        return "", guess
    return str(reply.turn.get("content") or ""), reply.usage


def _safe(value: Any, patterns: Sequence[Pattern]) -> Any:
    if isinstance(value, str):
        return safe_text(value, 1000, patterns)
    if isinstance(value, list):
        return [_safe(item, patterns) for item in value[:60]]
    if isinstance(value, dict):
        return {key: _safe(item, patterns) for key, item in value.items()}
    return value
