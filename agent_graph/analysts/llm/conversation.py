"""What is said to the model: the case, the evidence, the rules' hypotheses, its own questions and their answers."""

import json
from collections.abc import Iterable, Sequence

from agent_graph.analysts.llm.outcome import CONCLUDE, Conclusion
from agent_graph.analysts.llm.prompt import read_prompt
from agent_graph.analysts.rules.remedies import allowed_actions
from agent_graph.conclusion import Draft
from agent_graph.deps import Source
from agent_graph.safety.evidence import safe_text
from agent_graph.safety.fence import fence, new_mark
from agent_graph.state import Json
from backend.investigation.kinds import CaseFile, Evidence

# Characters, about a quarter of a token each.
_WHOLE_BRIEF = 40_000
_ONE_EVIDENCE = 8_000
_ONE_ANSWER = 6_000
PROMPT = read_prompt("investigate")
CUT = "⋯ cut here: ask for less (a text the lines must contain, fewer minutes)"


def messages_for(
    case: CaseFile, evidence: Sequence[Evidence], rules: Draft, turns: Sequence[Json], *, last: bool
) -> list[Json]:
    """The whole conversation so far, rebuilt from what is stored. Fences get a new mark every time."""
    mark = new_mark()
    by_label = {found.label: found for found in evidence}
    asked = {label for turn in turns for group in turn.get("labels", []) for label in group}
    given = [found for found in evidence if found.label not in asked]
    messages: list[Json] = [
        {"role": "system", "content": _system()},
        {"role": "user", "content": _brief(case, given, rules, mark)},
    ]
    for turn in turns:
        messages += _turn(turn, by_label, mark)
    if last:
        messages.append({"role": "user", "content": "This is your last step: conclude now."})
    return messages


def tools_for(sources: Iterable[Source], *, last: bool) -> list[Json]:
    """The conclusion and, until the last step, every source's questions."""
    asking = [] if last else [tool for source in sources for tool in source.tools]
    conclude = (CONCLUDE, "Your conclusion. Call it once, at the end.", Conclusion.model_json_schema())
    found = [(tool.name, tool.description, tool.parameters) for tool in asking]
    return [
        {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}
        for name, description, parameters in [*found, conclude]
    ]


def news(messages: Sequence[Json]) -> list[Json]:
    """What was said since the model's last turn: the whole brief at first, then only answers and requests."""
    turns = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    return list(messages[turns[-1] + 1 :] if turns else messages)


def _system() -> str:
    schema = json.dumps(Conclusion.model_json_schema(), separators=(",", ":"))
    return PROMPT.text.replace("{schema}", schema)


def _brief(case: CaseFile, evidence: Sequence[Evidence], rules: Draft, mark: str) -> str:
    facts: Json = {
        "title": safe_text(case.title, 300),
        "description": safe_text(case.description or "", 1000),
        "severity": case.severity,
        "target": {
            "name": safe_text(case.target.name, 255),
            "source_type": case.target.source_type,
            "runtime": case.target.runtime,
        },
        "started_at": case.started_at.isoformat(),
        "now": case.now.isoformat(),
        "still_firing": case.firing,
        "round": case.round,
        "tried_before": [
            f"{a.kind} on {safe_text(a.target, 255)}: {a.verification or a.status}" for a in case.past_actions
        ],
        "hint_from_the_responder": safe_text(case.hint or "", 1000),
        "actions": allowed_actions(case, evidence),
    }
    left = _WHOLE_BRIEF
    shown: list[Json] = []
    for found in evidence:
        entry = _shown(found, min(_ONE_EVIDENCE, max(left, 500)))
        left -= len(entry["content"])
        shown.append(entry)
    priors = [
        {
            "category": h.category,
            "statement": h.statement,
            "confidence": h.confidence,
            "because": [{"evidence": c.evidence, "quote": c.quote} for c in h.supporting if not c.beside],
        }
        for h in rules.hypotheses
    ]
    parts = [
        fence("case", facts, mark),
        fence("evidence", shown, mark),
        fence("rules", {"verdict": rules.verdict, "hypotheses": priors}, mark),
    ]
    return "\n\n".join(["The incident, the evidence, and what the rules think of it:", *parts])


def _turn(turn: Json, evidence: dict[str, Evidence], mark: str) -> list[Json]:
    said: Json = {"role": "assistant", "content": turn.get("content") or ""}
    calls: list[Json] = turn.get("tool_calls", [])
    if calls:
        said["tool_calls"] = [
            {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}
            for call in calls
        ]
    messages = [said]
    labels: list[list[str]] = turn.get("labels", [])
    for place, call in enumerate(calls):
        found = [evidence[label] for label in (labels[place] if place < len(labels) else []) if label in evidence]
        answer = fence("answer", [_shown(e, _ONE_ANSWER) for e in found], mark) if found else _no_answer(turn)
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": answer})
    if turn.get("repair"):
        messages.append(
            {
                "role": "user",
                "content": f"That was not accepted: {turn['repair']} Conclude again, in the required shape.",
            }
        )
    return messages


def _no_answer(turn: Json) -> str:
    return str(turn.get("repair") or "There is no answer: no such question, or nothing was found.")


def _shown(found: Evidence, limit: int) -> Json:
    content = found.content if len(found.content) <= limit else _middle_out(found.content, limit)
    return {
        "label": found.label,
        "source": found.source,
        "kind": found.kind,
        "title": found.title,
        "query": found.query[:500],
        "from": found.window_start.isoformat() if found.window_start else None,
        "to": found.window_end.isoformat() if found.window_end else None,
        "summary": found.summary,
        "content": content,
        "error": found.error,
    }


def _middle_out(text: str, limit: int) -> str:
    """Beginning and end, cut at line ends: the trouble starts in one and ends in the other."""
    head, tail = text[: limit // 2], text[-(limit // 2) :]
    return head[: head.rfind("\n") + 1 or len(head)] + CUT + "\n" + tail[tail.find("\n") + 1 :]
