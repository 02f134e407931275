"""What was before: asks for it once the trouble has a face, and says it beside the conclusion, never instead of it."""

from collections.abc import Sequence
from typing import Any

from agent_graph.analysts.rules import hint
from agent_graph.conclusion import Draft
from agent_graph.deps import Ask
from agent_graph.sources import runbooks, similar
from backend.investigation.kinds import CaseFile, Evidence
from backend.memory.rules import telling

# So much is told with the conclusion itself; less alike stays evidence.
_SEEN_BEFORE = 0.6
_MOST_TEMPLATES = 12
_MOST_TOLD = 3


def recalled(draft: Draft, case: CaseFile, evidence: Sequence[Evidence]) -> Draft:
    """The same conclusion, with what is to be looked up, or with what was found of the past."""
    lines = [*hint.told(case, evidence), *_past(evidence), *_books(evidence)]
    before = _seen_before(evidence)
    return draft.model_copy(
        update={
            "wanted": [*draft.wanted, *hint.asks(case, evidence), *_asks(draft, evidence)],
            "reasoning": "\n".join([draft.reasoning, *lines]),
            "summary": f"{draft.summary} {before}" if before else draft.summary,
        }
    )


def _asks(draft: Draft, evidence: Sequence[Evidence]) -> list[Ask]:
    """One question to each, for the category as it stands."""
    logs = [found for found in evidence if found.kind == "log" and found.data.get("own") is not False]
    templates = telling([template for found in logs for template in found.data.get("templates", [])])
    shown: Any = {key: text[:100] for key, text in list(templates.items())[:_MOST_TEMPLATES]}
    return [
        Ask(source=similar.NAME, what=similar.LOOK, args={"category": draft.category, "templates": shown}),
        Ask(source=runbooks.NAME, what=runbooks.FIT, args={"category": draft.category}),
    ]


def _incidents(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Of the last time it was asked: the category may have changed since the first."""
    asked = [found for found in evidence if found.source == similar.NAME and found.data.get("incidents")]
    return asked[-1].data["incidents"] if asked else []


def _past(evidence: Sequence[Evidence]) -> list[str]:
    """Numbers and outcomes only: what was written then is foreign text, and stays in its evidence."""
    return [
        f"Similar before: #{past['number']} ({past['category'] or 'no category'}, likeness {past['score']:.2f})"
        f"{_done(past)}."
        for past in _incidents(evidence)[:_MOST_TOLD]
    ]


def _done(past: dict[str, Any]) -> str:
    return f", {past['action']}: {similar.outcome(past['verification'])}" if past.get("action") else ""


def _books(evidence: Sequence[Evidence]) -> list[str]:
    found = [e for e in evidence if e.source == runbooks.NAME and e.data.get("runbooks")]
    return [f"Runbooks: {', '.join(book['slug'] for book in found[-1].data['runbooks'])}."] if found else []


def _seen_before(evidence: Sequence[Evidence]) -> str:
    known = [past for past in _incidents(evidence) if past["score"] >= _SEEN_BEFORE]
    if not known:
        return ""
    helped = next((past for past in known if past.get("verification") == "recovered"), known[0])
    return f"Seen before: #{helped['number']}{_done(helped)}."
