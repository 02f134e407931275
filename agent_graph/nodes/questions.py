"""What the sources would ask: one that fails over a case takes nothing from the others, and the report says so."""

from collections.abc import Callable, Iterable

from agent_graph.deps import Ask, Source
from backend.investigation.kinds import Evidence


def questions(sources: Iterable[Source], of: Callable[[Source], list[Ask]]) -> tuple[list[Ask], list[Evidence]]:
    """The questions `of` every source, and a piece of evidence for each that could not say its own."""
    asks: list[Ask] = []
    failed: list[Evidence] = []
    for source in sources:
        try:
            asks += of(source)
        except Exception as error:
            # A defect of the source, met by what somebody else wrote into the case: no reason to lose the rest of it.
            reason = f"could not say what to ask ({type(error).__name__})"
            title = f"Questions of {source.name}"
            failed.append(Evidence(source=source.name, kind="event", title=title, query="", error=reason))
    return asks, failed
