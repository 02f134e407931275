"""Why a party was away that answers again: how its last run ended, where those who missed it name it."""

from collections.abc import Iterator
from datetime import timedelta

from agent_graph.analysts.rules.context.chain import Party, is_named
from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.sources.signs import aliases, belongs, stems
from backend.investigation.kinds import Category, Citation

# What is seen at whoever needs it.
_SEEN: frozenset[Category] = frozenset({"dependency_failure", "network_error", "probe_failure", "app_crash"})
_BEFORE = timedelta(minutes=30)
_MOST = 2


def fallen(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with its quote: that the party which is complained of, or set to be needed, had ended."""
    if finding.category not in _SEEN:
        return
    began = min(finding.onset or facts.case.started_at, facts.case.started_at) - _BEFORE
    own = aliases(facts.case)
    ended = [s for s in facts.signs_of("other_ended") if s.at and s.at >= began and not belongs(s.subject, own)]
    missed = [s for s in ended if _is_missed(s, finding, facts)]
    yield from ((f"It had ended meanwhile: {s.means}", s.cite("how its last run ended")) for s in missed[:_MOST])


def _is_missed(sign: Sign, finding: Finding, facts: Facts) -> bool:
    name = (stems(sign.subject) or [sign.subject])[0]
    party = Party(name, frozenset({name.lower()}), (), ())
    complaints = [*(c.quote for c in finding.supporting), *(line.text for line in facts.lines if line.is_bad)]
    needs = [need.rsplit(":", 1)[0].split(".")[0] for need in facts.platform.get("needs", []) if need]
    return any(is_named(party, text) for text in complaints) or belongs(sign.subject, needs)
