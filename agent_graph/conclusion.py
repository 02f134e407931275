"""What an analyst hands on before it has been checked: both analysts give the same shape."""

from pydantic import Field

from agent_graph.deps import Ask
from backend.investigation.kinds import (
    Analyst,
    Category,
    Confidence,
    Frozen,
    Hypothesis,
    Proposal,
    Prose,
    Sentence,
    Verdict,
)


class Draft(Frozen):
    """A conclusion that verify_claims and the proposal guard have not seen yet.

    `hypotheses` best first. `wanted`: questions whose answers could change it. `wish`: a model's proposal, if any.
    `unsettled`: nothing known fits the evidence by itself, so that a wider look may tell more. `reasoned`: all is well
    for a reason that can be named, not for want of trouble. `overruled`: what was confirmed by evidence, and is thought
    to be no trouble nevertheless.
    """

    verdict: Verdict
    analyst: Analyst
    category: Category
    root_cause: Sentence
    confidence: Confidence
    summary: Prose
    hypotheses: list[Hypothesis] = Field(default_factory=list[Hypothesis])
    reasoning: Prose = ""
    wanted: list[Ask] = Field(default_factory=list[Ask])
    wish: Proposal | None = None
    unsettled: bool = False
    reasoned: bool = False
    overruled: Category | None = None
