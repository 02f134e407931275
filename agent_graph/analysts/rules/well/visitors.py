"""Who is refused, by the access log: a scanner that knocks on doors that were never there harms no user."""

import re
from collections.abc import Sequence
from typing import Any

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.refusals import LEAST, about_refusals
from agent_graph.analysts.rules.well.complaints import bad_lines, complains
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.logs.requests import PROBES, PROGRAMS, request_of
from backend.investigation.kinds import Category, Citation

# So much of what is refused comes from one; so little of it is known or served.
_MOST_OF, _FEW = 0.6, 0.1
_SIGNED_IN = 0.95
_KNOCKS, _OFTEN, _NEARLY_ALL = 4, 0.3, 0.8
# Measured of what is refused alone.
_OF_REFUSED = re.compile(r"=\"4(?:xx|\d\d|\.\.)\"|4xx|client_error", re.IGNORECASE)


def scanned(facts: Facts) -> Finding | None:
    """One who is served next to nothing asks for what only scanners ask for, or a program that says itself that it is
    one asks for what is not there; all others are served.

    That somebody asks for many things that nobody else asks for proves nothing: so does the newest app of ours.
    """
    if trouble_signals(facts) or not about_refusals(facts):
        return None
    label, found = max(facts.requests.items(), key=lambda one: one[1]["refused"], default=("", None))
    if found is None or found["refused"] < LEAST:
        return None
    others_served = found["served"] >= LEAST and found["failed"] <= 0.02 * found["served"]
    who = _who(found)
    if who is None or not others_served or complains(facts, aside=_theirs(facts, who)):
        return None
    return Finding(
        category="healthy",
        statement=_statement(facts, found, who),
        supporting=[*_quotes(facts, label, who), *good_signs(facts)[:3]],
        strength="strong",
        disproof="Ask for a page that users need; being refused there would be an incident.",
    )


def only_asked(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Nearly all that is refused only asks whether a thing is there, each for another one, as backups and pushes do
    before they store it: no is an answer. All others are served."""
    trouble = [cite for cite in trouble_signals(facts) if not _OF_REFUSED.search(cite.quote)]
    if likely or trouble or not about_refusals(facts) or complains(facts):
        return None
    label, found = max(facts.requests.items(), key=lambda one: one[1]["refused"], default=("", None))
    if found is None or found["refused"] < LEAST or found["asked"] < _NEARLY_ALL * found["refused"]:
        return None
    if found["served"] < LEAST or found["failed"] > 0.02 * found["served"] or found["lost"]:
        return None
    own = [line for line in facts.lines if line.evidence == label]
    asked = [line for line in own if (one := request_of(line.text)) and one.asks_whether]
    return Finding(
        category="healthy",
        statement=f"Nobody is refused by {name(facts)}: somebody asks it whether {found['asked']} things are there"
        f" (HEAD), and is told that they are not; {found['served']:,} requests were served.",
        supporting=[*(line.cite("asks whether it is there") for line in asked[-1:]), *good_signs(facts)[:3]],
        strength="strong",
        disproof="Ask for a thing that must be there; being told that it is not would be an incident.",
    )


def challenged(facts: Facts) -> Finding | None:
    """Nearly all that is refused is asked again at once by the same, with a name, and served: nobody is kept out."""
    if trouble_signals(facts) or not about_refusals(facts):
        return None
    label, found = max(facts.requests.items(), key=lambda one: one[1]["refused"], default=("", None))
    if found is None or found["refused"] < LEAST or found["challenged"] < _SIGNED_IN * found["refused"]:
        return None
    if found["failed"] > 0.02 * found["served"] or complains(facts):
        return None
    asked = [(line, one) for line in facts.lines if line.evidence == label and (one := request_of(line.text))]
    first = next(((line, one) for line, one in asked if one.status in (401, 407)), None)
    again = [line for line, one in asked if first and one.status < 400 and one.path == first[1].path]
    return Finding(
        category="healthy",
        statement=f"Nobody is kept out by {name(facts)}: {found['challenged']} of {found['refused']} requests that it"
        " answered with 401 were made again at once with a name, and served; its clients sign in like that.",
        supporting=[
            *([first[0].cite("asked who it is")] if first else []),
            *(line.cite("served then") for line in again[:1]),
            *good_signs(facts)[:2],
        ],
        strength="strong",
        disproof="Sign in and ask for something: being refused twice would be an incident.",
    )


def _who(found: dict[str, Any]) -> str | None:
    """The client or the user agent that makes most of it; "" where only the paths tell; None: it may be users.

    A program that is not let in may be somebody's whose key was lost.
    """
    if found["programs"] >= _NEARLY_ALL * found["refused"] and found["denied"] <= _FEW * found["refused"]:
        one = next((c["who"] for c in found["clients"][:1] if c["refused"] >= _MOST_OF * found["refused"]), None)
        return one or next((c["who"] for c in found["agents"] if PROGRAMS.search(c["who"])), None)
    if found["known"] > _FEW * found["refused"]:
        return None
    for callers in (found["clients"], found["agents"]):
        top = callers[0] if callers else None
        if top and top["refused"] >= _MOST_OF * found["refused"] and top["served"] <= _FEW * top["refused"]:
            return top["who"] if top["probes"] >= max(_KNOCKS, _OFTEN * top["refused"]) else None
    return "" if found["probes"] >= _MOST_OF * found["refused"] else None


def _statement(facts: Facts, found: dict[str, Any], who: str) -> str:
    top = next((c for c in [*found["clients"], *found["agents"]] if c["who"] == who), None)
    share = (top["refused"] if top else found["probes"]) / found["refused"]
    paths = ", ".join(found["paths"][:3])
    asks = (
        f"{who} makes {share:.0%} of the refused requests" if top else f"{share:.0%} of the refused requests are probes"
    )
    agent = next((c["who"] for c in found["agents"] if c["who"] != who and c["refused"] >= 0.3 * found["refused"]), "")
    by = f" (it calls itself {agent})" if agent and top else ""
    alone = found["known"] <= _FEW * found["refused"]
    kinds = f", {found['routes']} kinds of path in all that nobody else asks for" if alone else ""
    knocks = top["probes"] if top else found["probes"]
    return (
        f"A {'scanner' if knocks >= _KNOCKS else 'program'}, no user, is refused by {name(facts)}: {asks}{by},"
        f" for {paths}{kinds}; {found['served']:,} requests of others were served."
    )


def _theirs(facts: Facts, who: str) -> list[LogLine]:
    """What the log complains of because of them."""
    return [line for line in bad_lines(facts) if (who and who in line.text) or PROBES.search(line.text)]


def _quotes(facts: Facts, label: str, who: str) -> list[Citation]:
    """Some of what they asked for, and one whom it serves meanwhile."""
    asked = [(line, request) for line in facts.lines if line.evidence == label and (request := request_of(line.text))]
    mine = [(line, one) for line, one in asked if one.refused and who in (one.client, one.agent, "")]
    paths = {one.path: line for line, one in reversed(mine)}
    telling = sorted(paths, key=lambda path: PROBES.search(path) is None)[:2]
    served = next(
        (line for line, one in reversed(asked) if one.status < 400 and who not in (one.client, one.agent)), None
    )
    quotes = [paths[path].cite("nobody asks for this who knows the site") for path in telling]
    return [*quotes, *([served.cite("others are served")] if served else [])]
