"""What the target needs does not run, for somebody stopped it: started, both work again."""

import re
from collections.abc import Iterator, Sequence

from agent_graph.conclusion import Draft
from backend.investigation.kinds import Evidence, Proposal


def start_of_needed(draft: Draft, evidence: Sequence[Evidence]) -> Iterator[Proposal]:
    """A start of each container that the conclusion rests on, where it is stopped and did not fail itself.

    `startable`: names of such of the target's project, set by the source from what the engine says, not from any text.
    """
    leading = draft.hypotheses[0]
    if leading.category != "dependency_failure":
        return
    rests_on = [citation for citation in leading.supporting if not citation.beside]
    states = {found.label for found in evidence if found.source == "docker" and found.kind == "state"}
    shown = " ".join(citation.quote for citation in rests_on if citation.evidence in states)
    why = f"{draft.root_cause} ({leading.confidence})"
    for found in evidence:
        for name in found.data.get("startable", []):
            if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", shown):
                yield Proposal(
                    kind="docker.start_container",
                    params={"container": name},
                    target=name,
                    rationale=f"{why} {name} is stopped, and did not fail by itself.",
                    evidence=list(dict.fromkeys([found.label, *(citation.evidence for citation in rests_on)])),
                )
