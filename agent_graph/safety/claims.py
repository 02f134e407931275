"""verify_claims: what is not in the evidence is dropped, and so is a claim that is left without proof."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from agent_graph.safety.details import Facts, marked_up, sentences, unsupported
from backend.investigation.kinds import Citation, Evidence, Hypothesis

# Shorter quotes are in everything and prove nothing.
SHORTEST_QUOTE = 6


@dataclass(frozen=True)
class Verified:
    """The hypotheses that stand, and how many quotes, sentences and claims did not."""

    hypotheses: list[Hypothesis]
    dropped: int


def verify_claims(
    hypotheses: Sequence[Hypothesis], evidence: Mapping[str, Evidence], facts: Facts | None = None
) -> Verified:
    """Keeps what the stored evidence says.

    1. Quotes must be in their evidence, word for word (runs of white space count as one).
    2. With `facts`: a model's sentences must name no number, time or object that is not there. The rules' sentences are
       made of the evidence, so there is nothing to look up.
       Names in a claim have to be in what it cites.
    3. A claim without a sentence, or without a quote from what is seen now, falls; an alert shows no cause.
    """
    texts = {label: _flat(f"{found.title}\n{found.summary}\n{found.content}") for label, found in evidence.items()}
    kept: list[Hypothesis] = []
    dropped = 0
    for hypothesis in hypotheses:
        standing, fell = _standing(hypothesis, texts, facts)
        dropped += fell
        rests_on = [c for c in standing.supporting if not c.beside]
        if standing.statement and any(_carries(standing, evidence[c.evidence]) for c in rests_on):
            kept.append(standing)
        else:
            dropped += 1
    return Verified(kept, dropped)


def proven(text: str, facts: Facts, cited: Collection[str] | None = None) -> tuple[str, int]:
    """A model's prose without the sentences whose details are not in the evidence, and how many those were.

    `cited`: labels of the evidence that has to show the names in it; without, any of it may.
    """
    told = sentences(text)
    kept = [sentence for sentence in told if unsupported(sentence, facts, cited) is None]
    return " ".join(kept), len(told) - len(kept)


def is_quoted(citation: Citation, texts: Mapping[str, str]) -> bool:
    """Is the quote, as it stands, in the evidence it names? `texts`: label → flattened text."""
    quote = _flat(citation.quote)
    return len(quote) >= SHORTEST_QUOTE and quote in texts.get(citation.evidence, "")


def _standing(hypothesis: Hypothesis, texts: Mapping[str, str], facts: Facts | None) -> tuple[Hypothesis, int]:
    supporting = [c for c in hypothesis.supporting if is_quoted(c, texts)]
    contradicting = [c for c in hypothesis.contradicting if is_quoted(c, texts)]
    fell = len(hypothesis.supporting) - len(supporting) + len(hypothesis.contradicting) - len(contradicting)
    statement, disproof = hypothesis.statement, hypothesis.disproof
    if facts is not None and hypothesis.analyst == "llm":
        statement, untrue = proven(statement, facts, {c.evidence for c in [*supporting, *contradicting]})
        fell += untrue
        # What is to be looked at next need not have been seen, but it must not lead elsewhere.
        disproof = " ".join(told for told in sentences(disproof) if marked_up(told, facts) is None)
    changes = {"supporting": supporting, "contradicting": contradicting, "statement": statement, "disproof": disproof}
    return hypothesis.model_copy(update=changes), fell


def _carries(claim: Hypothesis, found: Evidence) -> bool:
    """What was before informs, and an alert says that something is wrong, not what: neither shows a model's cause."""
    reported = claim.analyst == "llm" and claim.category != "healthy" and found.source == "alert"
    return found.kind != "memory" and not reported


def _flat(text: str) -> str:
    return " ".join(text.split())
