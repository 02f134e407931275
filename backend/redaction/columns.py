"""Secrets in a column: rows below a header that calls one of their cells a password. CSV, with any of four signs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend.redaction.glance import finder
from backend.redaction.shapes import HARMLESS, HIDDEN, STAMP

# Lines that may be a header: no sign of a sentence or of code, and a cell ends in a word for a secret.
_SIGNS = ",;\t|"
_IN_HEADER = r"A-Za-z0-9_ ./()#\"\x{80}-\x{10ffff}-"
_headers = finder(
    rf"(?im)^(?:{STAMP}[ \t]*)?[{_IN_HEADER}{_SIGNS}]*(?:pass|word|wd|phrase|code|pw|secret|token|key|credentials?)\"?"
    rf"(?:[{_SIGNS}][{_IN_HEADER}{_SIGNS}]*)?\r?$"
)
# Names, and no prose: there a blank follows the comma.
_CELL = re.compile(r'(?:"?(?:#[ ]?)?[^\W\d][\w./()-]{0,40}(?:[ ][\w/()-]{1,40}){0,4}"?)?')
_LEADING_STAMP = re.compile(rf"{STAMP}[ \t]*")
_CELLS = {
    sign: re.compile(rf'"[^"]{{0,4000}}+(?:""[^"]{{0,4000}}+){{0,200}}+"(?=[{sign}\r\n]|\Z)|[^{sign}\r\n]*+')
    for sign in _SIGNS
}
# Lines of others may come between the rows.
_MOST_STRAY = 3
_JOINT = re.compile(r"(?<=[a-z\d])(?=[A-Z])|[\s./()-]+")
_PASSWORD = re.compile(
    r"(?!(?:failed|invalid|wrong|bad|missing|accepted|rejected|no|has|is|last|reset|forgot|expired|weak)_)(?:.*_)?"
    r"(?:pass_?(?:word|wd|phrase|code)|pwd|(?<=_)pass|(?:api|access|secret|private|encryption|signing)_?key"
    r"|client_?secret|(?:access|refresh|auth|api|bearer|session)_?token)"
)
# These are names of things as often: of objects of Kubernetes, of words of a language.
_PERHAPS = re.compile(r"(?:.*_)?(?:token|secret|credentials?|pw)")
# Beside one of these "pass" is no test that passed, and a number may be a password.
_ACCOUNT = re.compile(r"(?:.*_)?(?:id|user|user_?name|login|e_?mail|account|role|host|hostname|server|url|database|db)")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?%?")
_TOLD = re.compile(
    rf"{HARMLESS}(?!(?:set|unset|never|reset|changed|ok|wrong|valid|rejected|accepted|masked|n/a|x|[-*•.]+|<.*>|\[.*\])\Z).",
    re.IGNORECASE,
)
_OPAQUE = re.compile(
    r"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])(?![a-z0-9]+(?:[-.][a-z0-9]+)+\Z)\S{12,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


@dataclass(frozen=True)
class _Column:
    """The cells at `place` are secret: of numbers and of what may be a name only if so said."""

    place: int
    numbers: bool
    names: bool

    def holds(self, cell: str) -> bool:
        if not _TOLD.match(cell) or (not self.numbers and _NUMBER.fullmatch(cell)):
            return False
        return self.names or _OPAQUE.fullmatch(cell) is not None


@dataclass(frozen=True)
class _Table:
    """What a header says of the rows below it: they have `width` cells, parted by `sign`."""

    sign: str
    width: int
    columns: tuple[_Column, ...]

    def row(self, text: str, at: int) -> tuple[list[tuple[int, int]], int]:
        """Where its cells stand, and where it ends: a quoted cell may go over lines. More than `width` are not told."""
        stamp = _LEADING_STAMP.match(text, at)
        here = stamp.end() if stamp else at
        cells: list[tuple[int, int]] = []
        while len(cells) <= self.width:
            cell = _CELLS[self.sign].match(text, here)
            assert cell is not None
            cells.append(cell.span())
            if not text.startswith(self.sign, cell.end()):
                break
            here = cell.end() + 1
        end = text.find("\n", cells[-1][1] if len(cells) == self.width else at)
        return cells, len(text) if end < 0 else end

    def secrets(self, text: str, at: int) -> tuple[list[tuple[int, int]], int]:
        """Where they stand below the header that ends at `at`, and where the last row ends."""
        found: list[tuple[int, int]] = []
        below, stray, sure = at, 0, True
        while at < len(text) and stray <= _MOST_STRAY:
            start = at + 1
            cells, at = self.row(text, start)
            if not text[start:at].strip():
                break
            if len(cells) != self.width:
                stray, sure = stray + 1, False
            if len(cells) == self.width or at == len(text):
                found += self._hidden(text, cells, sure)
                below, stray = at, 0
        return found, below

    def _hidden(self, text: str, cells: list[tuple[int, int]], sure: bool) -> Iterator[tuple[int, int]]:
        """Of a row; one that is cut off, or stands among others, is not `sure`, and in prose blanks are not hidden."""
        for column in self.columns:
            if column.place >= len(cells) or len(cells) > self.width:
                continue
            first, last = cells[column.place]
            if text.startswith('"', first) and last - first > 1:
                first, last, quoted = first + 1, last - 1, True
            else:
                quoted = False
            cell = text[first:last]
            spoken = not quoted and (cell[:1].isspace() or (not sure and " " in cell))
            if cell and not spoken and column.holds(cell):
                yield first, last


def hide_columns(text: str) -> str:
    """The text without the cells below a header that calls them secret. Linear: no row is read for two headers."""
    if "\n" not in text:
        return text
    kept: list[str] = []
    at = below = 0
    for start, end in _headers(text):
        table = _table(text[start:end]) if start >= below else None
        if table is None:
            continue
        spans, below = table.secrets(text, end)
        for first, last in spans:
            kept += [text[at:first], HIDDEN]
            at = last
    return "".join([*kept, text[at:]]) if kept else text


def _table(header: str) -> _Table | None:
    header = _LEADING_STAMP.sub("", header).rstrip("\r")
    signs = [sign for sign in _SIGNS if sign in header]
    cells = header.split(signs[0]) if len(signs) == 1 else []
    if not all(_CELL.fullmatch(cell) for cell in cells):
        return None
    names = [_JOINT.sub("_", cell.strip('"# ')).lower() for cell in cells]
    account = any(_ACCOUNT.fullmatch(name) for name in names)
    passes = account and not any(name.startswith("fail") for name in names)
    columns: list[_Column] = []
    for place, name in enumerate(names):
        if _PASSWORD.fullmatch(name):
            columns.append(_Column(place, numbers=account, names=True))
        elif passes and name == "pass":
            columns.append(_Column(place, numbers=False, names=True))
        elif _PERHAPS.fullmatch(name):
            columns.append(_Column(place, numbers=False, names=False))
    return _Table(signs[0], len(names), tuple(columns)) if columns else None
