"""Similar past incidents of the team: what they were and what helped. They inform and prove nothing here."""

from collections.abc import Sequence
from typing import Any, Protocol

from agent_graph.deps import Ask, Tool
from agent_graph.sources.asking import attempt
from agent_graph.wording import moment
from backend.investigation.kinds import CaseFile, Evidence
from backend.memory.kinds import Past
from backend.memory.rules import Look
from backend.redaction.clean import one_line

NAME = "similar"
LOOK = "similar_incidents"
_SECONDS = 5.0
_MOST = 5
_OUTCOMES = {
    "recovered": "it recovered",
    "not_recovered": "it did not recover",
    "inconclusive": "whether it helped is not known",
}


class Archive(Protocol):
    """Where the team's past is kept."""

    async def similar(self, case: CaseFile, found: Look, most: int) -> list[Past]:
        """The likest first."""
        ...


class SimilarSource:
    """Asked once the first evidence is read: before that, nobody knows what the incident looks like."""

    name = NAME
    tools: Sequence[Tool] = (
        Tool(
            LOOK,
            "Past incidents of this team that look like this one or had a category: their cause and what helped.",
            {
                "type": "object",
                "properties": {"category": {"type": "string", "maxLength": 40, "pattern": "^[a-z_]+$"}},
                "additionalProperties": False,
            },
        ),
    )

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def first(self, case: CaseFile) -> list[Ask]:
        """Nothing: see above."""
        return []

    def wider(self, case: CaseFile) -> list[Ask]:
        """There is no more to see."""
        return []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """One piece of evidence for all of them; nothing where nothing is alike."""
        look = look_of(case, ask)
        blank = Evidence(
            source=NAME,
            kind="memory",
            title="Similar past incidents",
            query=_query(look),
            window_end=case.now,
        )
        past: list[Past] = []

        async def find() -> Evidence:
            past.extend(await self._archive.similar(case, look, _MOST))
            numbers = ", ".join(f"#{p.number}" for p in past)
            return blank.model_copy(
                update={
                    "summary": f"{len(past)} alike: {numbers}. They inform; they prove nothing about this one.",
                    "content": "\n".join(line for one in past for line in _lines(one)),
                    "data": {"incidents": [_data(one) for one in past]},
                }
            )

        found = await attempt(blank, find(), _SECONDS)
        return [found] if past or found.error else []


def look_of(case: CaseFile, ask: Ask) -> Look:
    """What the incident looks like by now, from the question."""
    templates: Any = ask.args.get("templates") or {}
    return Look(
        target=case.target.name,
        namespace=case.target.namespace,
        category=str(ask.args["category"]) if ask.args.get("category") else None,
        alert=case.alerts[0].name if case.alerts else None,
        templates={str(key): str(value) for key, value in templates.items()},
    )


def _query(look: Look) -> str:
    asked = [f"target = {look.target!r}"]
    asked += [f"category = {look.category!r}"] if look.category else []
    asked += [f"alert = {look.alert!r}"] if look.alert else []
    asked += [f"log line like {template!r}" for template in look.templates.values()]
    return "incidents of the team where " + " or ".join(asked)


def _lines(past: Past) -> list[str]:
    ended = f"resolved {moment(past.resolved_at, seconds=False)}" if past.resolved_at else past.status.replace("_", " ")
    who = f"said by {past.by_person}" if past.by_person else "concluded by the investigation"
    why = "; ".join(past.likeness.reasons)
    lines = [f"#{past.number} {past.title} ({ended}); likeness {past.likeness.score:.2f}: {why}"]
    if past.root_cause:
        lines.append(f"#{past.number} its cause, {who}: {past.category}: {past.root_cause}")
    if past.action:
        lines.append(f"#{past.number} what was done: {past.action.kind}: {outcome(past.action.verification)}")
    return [one_line(line, 500) for line in lines]


def outcome(verification: str | None) -> str:
    """What came of an action, in words."""
    return _OUTCOMES.get(verification or "", "what came of it is not recorded")


def _data(past: Past) -> dict[str, Any]:
    return {
        "id": str(past.id),
        "number": past.number,
        "at": past.created_at.isoformat(),
        "category": past.category,
        "corrected": past.by_person is not None,
        "score": past.likeness.score,
        "action": past.action and past.action.kind,
        "verification": past.action and past.action.verification,
    }
