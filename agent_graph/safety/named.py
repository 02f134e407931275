"""Which words of a model's sentence are names or versions, and whether a text says them.

Every word with a dash, a dot inside or letters and digits counts as a name, and what follows "version" or "release" as
a version. Ordinary English with dashes (read-only), abbreviations and a few words of the trade (UTF-8, p95) do not.
"""

import re
from collections.abc import Iterator

from backend.investigation.names import is_english

_TOKEN = re.compile(r"(?<![\w-])[A-Za-z0-9_](?:[\w.+-]*\w)?")
_VERSION = re.compile(r"\b(?:versions?|releases?|revisions?|tags?|builds?)\s+v?(\d(?:[\w.+-]*\w)?)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[-–]\d+(?:\.\d+)?)?(?:[a-z]{1,7})?", re.IGNORECASE)
_OF_DIGITS = re.compile(r"v?\d")
_ABBREVIATED = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]?")
# Labels of evidence, percentiles, classes of status codes and what else has digits and is no name.
_OF_THE_TRADE = re.compile(
    r"e\d+(?:-e?\d+)?|p\d{2,3}|[1-5]xx|l[2-7]|ipv?[46]|utf-?(?:8|16)|sha-?\d+|md5|base64|x86(?:[-_]64)?|x509|arm64|http2|h2"
    r"|oauth2|k8s|s3|ec2|i18n|log4j|g1gc|cgroups?v?[12]|sig\w+|rfc-?\d+|layer-[2-7]|u0+\w*|node\.js",
    re.IGNORECASE,
)


def names_in(sentence: str) -> Iterator[str]:
    """The words of a sentence that have to be somebody's or something's, lower case, in their order."""
    yield from (found[1].lower() for found in _VERSION.finditer(sentence))
    yield from (word.lower() for word in _TOKEN.findall(sentence) if _is_name(word))


def is_said(name: str, text: str) -> bool:
    """Does a text (lower case) say it: a version with or without its v, a name also with spaces for dashes?"""
    if _OF_DIGITS.match(name):
        return re.search(rf"(?<![\w.])v?{re.escape(name.removeprefix('v'))}(?!\w)", text) is not None
    forms = dict.fromkeys((name, name.replace("-", " ")))
    return any(re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) for form in forms)


def _is_name(word: str) -> bool:
    if _NUMBER.fullmatch(word) or _ABBREVIATED.fullmatch(word) or _OF_THE_TRADE.fullmatch(word):
        return False
    if "-" in word or "." in word:
        return not is_english(word)
    return word[0].isalpha() and any(sign.isdigit() for sign in word)
