"""Secrets told in two members, {"name": "DB_PASSWORD", "value": …}: as Kubernetes, clouds and settings in XML do."""

import re

from backend.redaction.shapes import HARMLESS, QUOTED, STAMP, hidden_value

_MARK = r"[\"'\\]{0,8}"
_IS = rf"{_MARK}\s{{0,3}}[:=][ \t]{{0,40}}+\s{{0,3}}+"
_WORD = (
    r"(?:pass(?:word|wd|phrase)?|secret|token|credential|pwd"
    r"|(?:api|private|access|account|encryption|signing)[_-]?key)"
)
_CALLED = rf"\b(?P<called>(?:parameter)?(?:name|key){_IS}{_MARK}(?P<name>[\w.-]{{0,60}}?{_WORD}[\w.-]{{0,30}})){_MARK}+"
_GAP = rf"[\s,;]{{0,40}}+(?:(?<=\n){STAMP}[ \t]{{0,80}}+)?"
# What some tools tell between the two: {"name": …, "slotSetting": false, "value": …}.
_BESIDE = r"(?:[\"'\\]{1,8}\w{1,30}[\"'\\]{1,8}\s{0,3}:\s{0,3}[\"'\\]{0,8}[\w.-]{0,40}[\"'\\]{0,8}[\s,]{1,40}){0,2}"
# YAML: whatever follows on the line, or the whole block.
_REST = (
    r"[|>][+-]?\d?[ \t]{0,3}\n(?P<indent>[ \t]{1,80})[^\n]{0,2000}(?:\n(?P=indent)[^\n]{0,2000}){0,100}|[^\n]{1,2000}"
)
NAME_FIRST = (
    rf"(?P<lead>{_CALLED}(?:(?P<yaml>[ \t]{{0,40}}\n(?:{STAMP})?[ \t]{{0,80}}(?=value))|{_GAP}{_BESIDE}){_MARK}"
    rf"(?:parameter)?value{_IS}){HARMLESS}(?P<value>{QUOTED}|(?(yaml)(?=\S)(?:{_REST})|[^\s\"'&,;)}}\]]+))(?P<rest>)"
)
# A value of its own after the name belongs to that name, and the value before it to another one. The bare word gives
# nothing back and has an end: every "value:" of a long line is tried.
VALUE_FIRST = (
    rf"(?P<lead>(?<![\w.-])(?:parameter)?value{_IS}){HARMLESS}(?P<value>{QUOTED}|[^\s\"',;)}}\]]{{1,1000}}+)"
    rf"(?P<rest>(?=[\s,;]){_GAP}{_MARK}{_CALLED})(?![\w.-]|{_GAP}{_MARK}(?:parameter)?value)"
)
# <name>dfs.password</name> <value>…</value>; of Hadoop's many settings about tokens, those that are one.
XML_PAIR = (
    rf"(?P<lead><name>(?P<name>[\w.-]{{0,100}}?{_WORD}[_-]?\d{{0,3}})</name>\s{{0,40}}<value>){HARMLESS}"
    r"(?P<value>[^<>\n]{1,1000})(?P<rest>)"
)
_ENDS = re.compile(rf"({_WORD})[_-]?\d{{0,3}}$", re.IGNORECASE)
_LEADING_STAMP = re.compile(STAMP)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?%?")
# Of these there may be many: a number says how many.
_COUNTED = ("token", "credential")
# The value has a name before it already.
_TAKEN = re.compile(rf"\b(?:name|key){_IS}{_MARK}[^\s\"',;]{{1,100}}{_MARK}[\s,;]{{0,40}}{_MARK}$", re.IGNORECASE)


def hidden_pair(match: re.Match[str]) -> str:
    """The pair without its value, where this is one and no measurement ("name: token_count, value: 1234")."""
    if _counts(match["name"], match["value"]) or (match["rest"] and not _belongs(match)):
        return match[0]
    indent = match.groupdict().get("indent")
    hidden = f"|\n{indent}[redacted]" if indent else hidden_value(match["value"])
    return match["lead"] + hidden + match["rest"]


def _counts(name: str, value: str) -> bool:
    ends = _ENDS.search(name)
    return _NUMBER.fullmatch(value) is not None and (ends is None or ends[1].lower() in _COUNTED)


def _belongs(match: re.Match[str]) -> bool:
    """Whether the name that follows is that of the value: it says so to its end, in the same item, not further out."""
    if not _ENDS.search(match["name"]):
        return False
    text, start = match.string, match.start()
    if _TAKEN.search(text[max(0, start - 300) : start]):
        return False
    if "\n" not in match["rest"]:
        return True
    return _column(text, start) == _column(text, match.start("called"))


def _column(text: str, at: int) -> int:
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return len(_LEADING_STAMP.sub("", before))
