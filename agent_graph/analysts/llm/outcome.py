"""Reads a model's turn: questions, or a conclusion that is validated; one attempt to repair, then the rules speak."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from agent_graph.conclusion import Draft
from agent_graph.deps import Ask, ModelFailed, Source
from agent_graph.safety.evidence import safe_text
from agent_graph.state import Json
from backend.investigation.kinds import Category, Citation, Evidence, Hypothesis, Proposal, Verdict
from backend.redaction.clean import one_line

CONCLUDE = "conclude"
_MOST_QUESTIONS = 4
_MOST_CLAIMS = 5
_BRACE = re.compile(r"\{")
_LONGEST_PROSE = 60_000
_MOST_BRACES = 200


class _Loose(BaseModel):
    """What a model adds is ignored, what it must say is checked."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Quote(_Loose):
    """A quote, word for word, from the evidence with that label."""

    evidence: str = Field(max_length=20)
    quote: str = Field(max_length=2000)


class Claim(_Loose):
    """One explanation with its quotes."""

    category: Category
    statement: str = Field(min_length=5, max_length=1000)
    supporting: list[Quote] = Field(default_factory=list[Quote])
    contradicting: list[Quote] = Field(default_factory=list[Quote])
    disproof: str = Field("", max_length=1000)


class Wish(_Loose):
    """One of the actions listed in the case."""

    kind: str = Field(max_length=100)
    params: dict[str, Any] = Field(default_factory=dict[str, Any])


class Conclusion(_Loose):
    """The answer: verdict, hypotheses best first, a short summary, perhaps an action."""

    verdict: Verdict
    hypotheses: list[Claim] = Field(default_factory=list[Claim])
    summary: str = Field("", max_length=4000)
    action: Wish | None = None

    @field_validator("action", mode="before")
    @classmethod
    def _of_a_kind(cls, value: Any) -> Any:
        """A wish for nothing is none."""
        return value if isinstance(value, dict) and cast(Json, value).get("kind") else None


def read_turn(
    reply: Json,
    turns: Sequence[Json],
    evidence: Sequence[Evidence],
    rules: Draft,
    sources: Mapping[str, Source],
    *,
    last: bool,
) -> tuple[Json, Draft | None]:
    """The turn to keep and, when it concludes, the draft. Raises ModelFailed when the repair has failed, too."""
    calls: list[Json] = reply.get("tool_calls", [])
    concluding = next((call for call in calls if call["name"] == CONCLUDE), None)
    if calls and concluding is None and not last:
        return {**reply, "asks": [_question(call, sources) for call in calls[:_MOST_QUESTIONS]]}, None
    try:
        text = str(concluding["arguments"] if concluding else reply.get("content") or "")
        conclusion = Conclusion.model_validate(_json(text))
    except (ValueError, ValidationError, RecursionError) as error:
        cut = bool(reply.get("cut"))
        if any(turn.get("repair") for turn in turns):
            shape = "was cut off at its limit" if cut else "did not have the required form"
            raise ModelFailed(f"The model's answer {shape}, twice.") from None
        shorter = "It was cut off at the limit of an answer: be much shorter. " if cut else ""
        return {**reply, "repair": shorter + _complaint(error)}, None
    return {**reply, "concluded": True}, _draft(conclusion)


def _question(call: Json, sources: Mapping[str, Source]) -> Json | None:
    """The call as an Ask, if there is such a question and its arguments fit its schema."""
    for source in sources.values():
        for tool in source.tools:
            if tool.name == call["name"]:
                try:
                    arguments = json.loads(call["arguments"] or "{}")
                except ValueError:
                    return None
                if not Draft202012Validator(tool.parameters).is_valid(arguments):
                    return None
                return Ask(source=source.name, what=tool.name, args=arguments).model_dump(mode="json")
    return None


def _json(text: str) -> Json:
    """The first JSON object in a text that is a conclusion, also inside prose or a code block. Raises ValueError."""
    decoder, problem = json.JSONDecoder(), "There is no JSON object in the answer."
    starts = [match.start() for match in _BRACE.finditer(text[:_LONGEST_PROSE])][:_MOST_BRACES]
    for start in starts:
        try:
            found: object = decoder.raw_decode(text, start)[0]
        except (ValueError, RecursionError) as error:
            problem = f"The JSON cannot be read: {error}" if start == starts[0] else problem
            continue
        if isinstance(found, dict) and "verdict" in found:
            return cast(Json, _said(found))
    raise ValueError(problem)


def _said(value: Any) -> Any:
    """Without members that are null: to many models that is how nothing is said."""
    if isinstance(value, dict):
        return {key: _said(item) for key, item in cast(Json, value).items() if item is not None}
    return [_said(item) for item in cast(list[Any], value)] if isinstance(value, list) else value


def _complaint(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}."
    return one_line(str(error), 200)


def _draft(conclusion: Conclusion) -> Draft:
    hypotheses = [_hypothesis(claim) for claim in conclusion.hypotheses[:_MOST_CLAIMS]]
    top = hypotheses[0] if hypotheses else None
    summary = safe_text(conclusion.summary, 2000)
    cause = top.statement if top else one_line(summary, 400) or "The model could not establish a cause."
    category: Category = "unknown"
    if conclusion.verdict == "not_an_incident":
        category = "healthy"
    elif top is not None:
        category = top.category
    wish = conclusion.action
    return Draft(
        verdict=conclusion.verdict,
        analyst="llm",
        category=category,
        root_cause=cause,
        confidence="possible",
        summary=summary or cause,
        hypotheses=hypotheses,
        reasoning=summary,
        wish=Proposal(kind=wish.kind, params=wish.params, target="", rationale="", evidence=[]) if wish else None,
    )


def _hypothesis(claim: Claim) -> Hypothesis:
    confidence: Literal["possible"] = "possible"
    return Hypothesis(
        category=claim.category,
        statement=one_line(safe_text(claim.statement, 600), 600),
        confidence=confidence,
        analyst="llm",
        supporting=[_citation(quote) for quote in claim.supporting[:8]],
        contradicting=[_citation(quote) for quote in claim.contradicting[:8]],
        disproof=one_line(safe_text(claim.disproof, 400), 400),
    )


def _citation(quote: Quote) -> Citation:
    return Citation(evidence=quote.evidence.strip("[] "), quote=quote.quote)
