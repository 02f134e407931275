"""A run that ended with a code which whoever made it noted as nothing to do: counted as a failure, it is none."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.context.ceilings import cited
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.logs.words import taken_back
from backend.investigation.kinds import Category

_ABOUT = re.compile(r"\b(?:job|cronjob|run|task|batch|pod)s?\b", re.IGNORECASE)
_CODE = re.compile(r"\bexit code (\d{1,3})\b")
_OF_JOB = re.compile(r"^(?:pod|job) ")
# Any failure gives 1 or 2, and a shell and a system those from 125 on: to mean something of its own it takes another.
_OWN = range(3, 125)
_NO_TROUBLE = ("healthy", "trouble", "trouble_over", "app_crash", "on_time", "planned")


def exit_meant(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Each end that is seen is one of those, an earlier run came well, and nothing is complained of."""
    meant, alerts = facts.platform.get("meant_codes") or [], facts.case.alerts
    told = [re.sub(r"(?<=[a-z])(?=[A-Z])", " ", f"{a.name} {' '.join(a.annotations.values())}") for a in alerts]
    ends = [s for s in facts.signs_of("app_crash") if s.source == "kubernetes" and _CODE.search(s.quote)]
    codes = {int(code) for s in ends for code in _CODE.findall(s.quote)}
    fits = next((one for one in meant if codes and codes <= set(one["codes"])), None)
    if fits is None or not told or not all(map(_ABOUT.search, told)) or set(likely) - {"app_crash"}:
        return None
    if any(code not in _OWN for code in codes):
        return None
    # Who has nothing to do has nothing to complain of, at whatever time.
    if complains(facts) or any(line.is_bad and not line.speaker and not taken_back(line.text) for line in facts.lines):
        return None
    others = [s for s in facts.signs if s.category not in _NO_TROUBLE and s.weight != "weak"]
    well = [s for s in facts.signs_of("healthy", "strong") if s.source == "kubernetes" and _OF_JOB.match(s.quote)]
    trouble = [signal for signal in trouble_signals(facts) if not _OF_JOB.match(signal.quote)]
    cite = cited(fits["line"], facts, "what the code means")
    if others or trouble or not well or cite is None:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} ended as it is made to where nothing is to be done: exit code"
        f" {', '.join(map(str, sorted(codes)))}, noted there as no failure ({fits['line'][:300]}).",
        supporting=[cite, ends[0].cite("how it ended"), *(s.cite("an earlier run") for s in well[:2])],
        strength="strong",
        disproof="Ask whether there should have been something to do: then whoever brings it has the trouble.",
    )
