"""Is something that was registered not done, or taken back? Then nothing that it says of its outcome holds."""

import re

from agent_graph.analysts.rules.facts import LogLine

TAKEN_BACK = re.compile(
    r"roll(?:ed|s|ing)?[- ]?back|\brevert|\bundone\b|cancel|abort|postpone|call(?:ed)? off|\bwithdrawn\b", re.IGNORECASE
)
NOT_DONE = re.compile(
    rf"{TAKEN_BACK.pattern}|\bfail|\berror|\bplan(?:s|ned|ning)?\b|\bwill\b|\bto be\b|\bnot\b|\bnever\b|\bshould\b"
    r"|\bpropos|\bdraft|\btomorrow\b|\bnext\b|\bpart(?:ly|ial)|\bhalf\b|\bmoved back\b|\bback (?:to|on)\b"
    r"|\bdry[- ]run\b|\bpending\b|\bscheduled\b",
    re.IGNORECASE,
)


def is_done(change: LogLine) -> bool:
    """Of what it was done to, its name says nothing."""
    return NOT_DONE.search(change.message.partition(": ")[2] or change.message) is None
