"""Is the alert about what data say when they are compared or read back? That no health of a process can tell."""

import re

from agent_graph.analysts.rules.facts import Facts

_THINGS = (
    r"(?:rows?|records?|entr(?:y|ies)|documents?|objects?|files?|events?|messages?|orders?|payments?|invoices?"
    r"|bookings?|transactions?|postings?|transfers?|shipments?|readings?)"
)
# As checks are called that count what is on both sides, or read again what was written.
_COMPARED = re.compile(
    rf"\b(?:row|record)[-_ ]?counts?\b|\breconciliation\b|\band not in\b|\b(?:data|backup|archive|file)s? integrity\b"
    rf"|\bintegrity of\b|\bchecksums?\b|\bcorrupt(?:ed|ion)?\b"
    rf"|\b(?:missing|fewer|lost|orphaned|unmatched) {_THINGS}\b"
    rf"|\b{_THINGS}(?: [\w.-]+){{0,5}} (?:(?:are|is|were|was|went) (?:missing|lost)|differ)\b"
    rf"|\b{_THINGS}(?: [\w.-]+){{0,5}} (?:do not match|(?:have|has) no {_THINGS})\b",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def of_data(facts: Facts) -> bool:
    """Does such an alert fire, and is what it compares no series that was measured?

    Whoever loses, doubles or spoils data goes on running well: every process is up, nothing waits, no error is counted.
    """
    if not facts.case.firing:
        return False
    told = [text for a in facts.case.alerts[:1] for text in (_CAMEL.sub(" ", a.name), *a.annotations.values())]
    about = any(_COMPARED.search(text) for text in told)
    return about and not any(_COMPARED.search(metric.name.replace("_", " ")) for metric in facts.metrics)
