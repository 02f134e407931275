"""What the graph needs from outside, as protocols: a notebook for evidence, sources to ask, a model to consult."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import Field, JsonValue

from backend.investigation.kinds import CaseFile, Evidence, Frozen, Usage


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

    async def read(self, labels: Sequence[str]) -> list[Evidence]: ...

    async def step(self, text: str) -> None:
        """What is being done now, for the person who watches."""
        ...


@dataclass(frozen=True)
class Reply:
    """What a model answered: the turn to keep, and what it cost."""

    turn: dict[str, Any]
    usage: Usage


class ModelFailed(Exception):
    """The model gave no usable answer; the sentence says why. The rules' answer stands."""


class Model(Protocol):
    """A chat model. Raises ModelFailed for everything that can go wrong with one."""

    @property
    def name(self) -> str: ...

    async def complete(self, messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Reply: ...


@dataclass(frozen=True)
class Limits:
    """What an investigation may use."""

    gather_rounds: int = 3
    model_steps: int = 6
    model_tokens: int = 60_000


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
