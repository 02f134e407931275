"""The job that writes a post-mortem: facts by rules, and with a key a narrative by the model, set apart."""

import asyncio
import uuid
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import structlog

from agent_graph.deps import Model, ModelFailed
from agent_graph.safety.evidence import safe_text
from agent_graph.safety.fence import fence, new_mark
from backend.deps import Deps
from backend.incident.rules import Refusal
from backend.postmortem import service
from backend.postmortem.kinds import Story
from backend.postmortem.text import write

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
    narrative = await _narrative(story, model, deps.settings.llm_timeout_seconds) if model is not None else ""
    body = write(story, narrative, model.name if model is not None else "")
    async with deps.db.transaction() as session:
        await service.record(session, identity, body, "llm" if narrative else "rules", deps.clock.now())


async def _narrative(story: Story, model: Model, seconds: float) -> str:
    """The model's prose, or nothing: the post-mortem does not wait for it."""
    facts = {key: _safe(value) for key, value in asdict(story).items()}
    system = files("agent_graph.analysts.llm").joinpath("prompts/post_mortem.md").read_text(encoding="utf-8")
    messages = [
        {"role": "system", "content": system},
        {"role": "user", "content": "The facts:\n\n" + fence("incident", facts, new_mark())},
    ]
    try:
        async with asyncio.timeout(seconds):
            reply = await model.complete(messages, [])
    except (ModelFailed, TimeoutError) as failed:
        log.warning("post_mortem_without_model", reason=str(failed))
        return ""
    return safe_text(str(reply.turn.get("content") or ""), _LONGEST).strip()


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return safe_text(value, 1000)
    if isinstance(value, list):
        return [_safe(item) for item in value[:60]]
    if isinstance(value, dict):
        return {key: _safe(item) for key, item in value.items()}
    return value
