"""Splits a migration file into its statements, with the line each begins on."""

import re
from dataclasses import dataclass

# What a semicolon can hide in, in the order PostgreSQL's own scanner tries them.
_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*)
      | (?P<open>/\*)
      | (?P<escaped>\b[eE]'(?:[^'\\]|\\.|'')*')
      | (?P<string>'(?:[^']|'')*')
      | (?P<identifier>"(?:[^"]|"")*")
      | (?P<dollar>(?<![A-Za-z0-9_$])\$(?P<tag>(?:[A-Za-z_\x80-\U0010ffff][\w]*)?)\$.*?\$(?P=tag)\$)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


@dataclass(frozen=True)
class Statement:
    """One statement without its semicolon, and its first line in the file (from 1)."""

    sql: str
    line: int


def split(text: str) -> list[Statement]:
    """The statements in order. A semicolon in quotes, comments, dollar quotes or a BEGIN ATOMIC body ends none."""
    found: list[Statement] = []
    begin = position = body_depth = 0
    previous = ""
    while token := _TOKEN.search(text, position):
        position = token.end()
        if token.lastgroup == "open":
            position = _after_comment(text, position)
        elif token.lastgroup == "word":
            word = token[0].lower()
            body_depth = _depth(body_depth, previous, word)
            previous = word
        elif token.lastgroup == "end" and body_depth == 0:
            _add(found, text, begin, token.start())
            begin, previous = position, ""
    _add(found, text, begin, len(text))
    return found


def _after_comment(text: str, position: int) -> int:
    """The end of a block comment that opened before `position`; they nest."""
    depth = 1
    while depth and (edge := _COMMENT_EDGE.search(text, position)):
        depth += 1 if edge[0] == "/*" else -1
        position = edge.end()
    return position if depth == 0 else len(text)


def _depth(depth: int, previous: str, word: str) -> int:
    """How deep in a BEGIN ATOMIC … END function body we are; CASE … END nests in it."""
    if (previous, word) == ("begin", "atomic"):
        return 1
    if depth and word == "case":
        return depth + 1
    return depth - 1 if depth and word == "end" else depth


def _add(found: list[Statement], text: str, begin: int, end: int) -> None:
    sql = text[begin:end]
    code = _first_code(sql)
    if code < len(sql):
        line = text.count("\n", 0, begin + code) + 1
        found.append(Statement(sql[code:].rstrip(), line))


def _first_code(sql: str) -> int:
    """Where a statement starts after the white space and comments before it."""
    position = 0
    while position < len(sql):
        if sql[position].isspace():
            position += 1
        elif sql.startswith("--", position):
            newline = sql.find("\n", position)
            position = len(sql) if newline < 0 else newline
        elif sql.startswith("/*", position):
            position = _after_comment(sql, position + 2)
        else:
            break
    return position
