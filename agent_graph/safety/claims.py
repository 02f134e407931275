"""verify_claims: a quote that is not in its evidence is dropped, and so is a claim left without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.investigation.kinds import Citation, Evidence, Hypothesis

# Shorter quotes are in everything and prove nothing.
SHORTEST_QUOTE = 6


@dataclass(frozen=True)
class Verified:
    """The hypotheses that stand, and how many quotes and claims did not."""

    hypotheses: list[Hypothesis]
    dropped: int


def verify_claims(hypotheses: Sequence[Hypothesis], evidence: Mapping[str, Evidence]) -> Verified:
    """Keeps what the stored evidence says, word for word (runs of white space count as one)."""
    texts = {label: _flat(f"{found.title}\n{found.summary}\n{found.content}") for label, found in evidence.items()}
    kept: list[Hypothesis] = []
    dropped = 0
    for hypothesis in hypotheses:
        supporting = [c for c in hypothesis.supporting if is_quoted(c, texts)]
        contradicting = [c for c in hypothesis.contradicting if is_quoted(c, texts)]
        dropped += len(hypothesis.supporting) - len(supporting) + len(hypothesis.contradicting) - len(contradicting)
        # What was before informs; only what is seen now can carry a claim.
        if any(evidence[c.evidence].kind != "memory" for c in supporting):
            kept.append(hypothesis.model_copy(update={"supporting": supporting, "contradicting": contradicting}))
        else:
            dropped += 1
    return Verified(kept, dropped)


def is_quoted(citation: Citation, texts: Mapping[str, str]) -> bool:
    """Is the quote, as it stands, in the evidence it names? `texts`: label → flattened text."""
    quote = _flat(citation.quote)
    return len(quote) >= SHORTEST_QUOTE and quote in texts.get(citation.evidence, "")


def _flat(text: str) -> str:
    return " ".join(text.split())
