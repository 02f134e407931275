"""What the graph needs from outside, as protocols: a notebook for evidence, sources to ask, a model to consult."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import Field, JsonValue

from backend.incident.rules import Refusal
from backend.investigation.kinds import CaseFile, Evidence, Exchange, Frozen, Step, Usage


class Ask(Frozen):
    """One question to one source: `what` is the name of one of its tools, `args` its arguments."""

    source: str
    what: str
    args: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True)
class Tool:
    """A read-only question that a model may put: its JSON Schema is all a model learns of the source."""

    name: str
    description: str
    parameters: dict[str, Any]


class Source(Protocol):
    """Something to look at. `answer` never raises for trouble outside: evidence with an error says what happened."""

    @property
    def name(self) -> str: ...

    @property
    def tools(self) -> Sequence[Tool]:
        """What a model may ask."""
        ...

    def first(self, case: CaseFile) -> list[Ask]:
        """What is asked in every case of this shape; nothing when the source has nothing to do with it."""
        ...

    def wider(self, case: CaseFile) -> list[Ask]:
        """What to ask when the first answers explain nothing."""
        ...

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]: ...


class Notebook(Protocol):
    """Where evidence is kept. Adding the same question's answer again gives back what was stored first."""

    async def add(self, found: Sequence[Evidence]) -> list[Evidence]: ...

    async def read(self, labels: Sequence[str] | None = None) -> list[Evidence]:
        """In the order of the labels; None: everything that is kept."""
        ...

    async def note(self, *noted: Step) -> None:
        """What is being done, or has been done, for the person who watches."""
        ...

    async def recall(self, number: int) -> Exchange | None:
        """The model's answer to that call, if it was kept before an interruption."""
        ...

    async def reserve(self, model: str, tokens_in: int) -> uuid.UUID | Refusal:
        """Puts a call on the bill before it is made; a refusal when the team has spent enough."""
        ...

    async def keep(self, call_id: uuid.UUID, exchange: Exchange) -> None:
        """Keeps the answer, before anything follows from it."""
        ...


@dataclass(frozen=True)
class Reply:
    """What a model answered: the turn to keep (`cut`: it came to its limit before it had ended), and what it cost."""

    turn: dict[str, Any]
    usage: Usage


class ModelFailed(Exception):
    """The model gave no usable answer; the sentence says why. The rules' answer stands. `usage`: what it cost still."""

    def __init__(self, why: str, usage: Usage | None = None) -> None:
        super().__init__(why)
        self.usage = usage


class Model(Protocol):
    """A chat model. Raises ModelFailed for everything that can go wrong with one."""

    @property
    def name(self) -> str: ...

    async def complete(self, messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Reply: ...

    def guess(self, messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Usage:
        """What sending this may cost, before anybody has counted."""
        ...


@dataclass(frozen=True)
class Limits:
    """What an investigation may use."""

    gather_rounds: int = 3
    model_steps: int = 6
    model_tokens: int = 60_000
    model_cost_usd: float = 0.5


@dataclass(frozen=True)
class GraphDeps:
    """Everything a node may touch. `time_left` counts down the run's deadline, in seconds."""

    notebook: Notebook
    sources: Mapping[str, Source]
    absent: Sequence[str]
    model: Model | None
    limits: Limits
    time_left: Callable[[], float]
    model_time_left: Callable[[], float] = field(default=lambda: 0.0)
