"""What a line is an instance of: the same words with its numbers, ids and addresses masked."""

import re

from agent_graph.logs.levels import body

# A run that contains a digit is a variable: number, id, address, duration. Possessive: no backtracking on long words.
_VARIABLE = re.compile(r"\b[A-Za-z_]*+\d[\w.:-]*+")
_QUOTED = re.compile(r"'[^'\n]{1,80}'")
_LONGEST = 300


def template_of(text: str) -> str:
    """The template of a line; equal for lines that differ only in their variable parts."""
    return _QUOTED.sub("'#'", _VARIABLE.sub("#", body(text)[:_LONGEST])).strip()
