"""The state of a run: small plain JSON, so that a checkpoint can be read in a year. Keys are added, never removed."""

from typing import Annotated, Any, NotRequired, TypedDict

Json = dict[str, Any]


def union(have: list[str], more: list[str]) -> list[str]:
    """Both, in order, each once: what parallel branches report may arrive in any order and twice."""
    return list(dict.fromkeys([*have, *more]))


class State(TypedDict):
    """`gathered` holds evidence labels; the evidence itself is in the notebook."""

    case: Json
    # What the next round of gathering asks (Ask as JSON), and how many rounds there have been.
    asks: list[Json]
    rounds: int
    asked: list[Json]
    gathered: Annotated[list[str], union]
    missing: Annotated[list[str], union]
    # What the rules concluded (Draft as JSON).
    rules: Json
    # The conversation with the model: its turns and the labels of what its questions brought.
    turns: list[Json]
    usage: Json
    note: str
    # The conclusion that goes on: from the model where it gave a usable one, else the rules'.
    answer: Json
    dropped: int
    proposal: Json | None
    no_proposal: str
    report: Json


class Branch(TypedDict):
    """What one branch of the fan-out is given: one source and its questions."""

    case: Json
    source: str
    asks: list[Json]
    round: NotRequired[int]


def begin(case: Json) -> State:
    """The state before the first node."""
    return State(
        case=case,
        asks=[],
        asked=[],
        rounds=0,
        gathered=[],
        missing=[],
        rules={},
        turns=[],
        usage={},
        note="",
        answer={},
        dropped=0,
        proposal=None,
        no_proposal="",
        report={},
    )
