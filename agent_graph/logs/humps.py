"""The words that a name is made of: nodeNetworkReceive and TCPRetransmits are written as one, and read as several."""

import re

_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def apart(text: str) -> str:
    """The text in lower case, with a space wherever a word begins within another."""
    return _HUMPS.sub(" ", text).lower()
