"""What a fresh process finds as the old one left it: a flag, a setting, a rule that somebody switched just before."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.conclusion import Draft

# How it is said that a switch is why. No revision holds what it was before.
SET_DIFFERENTLY = "fails since something was set differently"
# As kinds of change are called, and where switches live: their services, and what is read while it runs.
_SWITCH = re.compile(
    r"\b(?:feature[-_ ]?(?:flag|toggle|gate)s?|flags?|toggles?|experiment|variant|roll-?out(?= \d+ ?%)|gradualrollout"
    r"|unleash|launchdarkly|flagsmith|flipt|growthbook|split\.io|statsig|optimizely|kill[- ]?switch"
    r"|rules?|polic(?:y|ies)|waf|plug-?ins?|extensions?|themes?|quotas?|price ?list|catalogue|content)\b",
    re.IGNORECASE,
)


def switched(draft: Draft, facts: Facts) -> bool:
    """Does one of the two leading explanations name such a change? A restart does not take it back."""
    changes = {change.cite().quote for change in facts.changes}
    cited = [c.quote for one in draft.hypotheses[:2] for c in one.supporting if not c.beside and c.quote in changes]
    return any(_SWITCH.search(quote) for quote in cited)
