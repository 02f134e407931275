"""Names in other letters: ｐａｓｓｗｏｒｄ：x is password:x to whoever reads it, and has to be to the patterns."""

import re
import unicodedata
from string import ascii_letters, digits

from backend.redaction.clean import INVISIBLE, clean
from backend.redaction.shapes import HARMLESS, NAME

# Where Unicode keeps what stands for a single character of ASCII: wide, small, raised, in circles, in bold.
_BLOCKS = (
    (0xA0, 0x100),
    (0x2B0, 0x300),
    (0x1D2C, 0x1D6B),
    (0x2000, 0x20A0),
    (0x2100, 0x2150),
    (0x2460, 0x2500),
    (0x3000, 0x3001),
    (0xFE10, 0xFE70),
    (0xFF01, 0xFF5F),
    (0x1D400, 0x1D800),
    (0x1F130, 0x1F14A),
)
_PLAIN = {
    code: plain
    for first, end in _BLOCKS
    for code in range(first, end)
    if len(plain := unicodedata.normalize("NFKC", chr(code))) == 1 and " " <= plain <= "~"
}
# As ranges: in a class, single characters beyond U+FFFF are compared one by one.
_ASTRAL = "\U0001d400-\U0001d7ff\U0001f130-\U0001f149"


def _wide(plain: str) -> str:
    """The body of a character class: what stands for these characters of ASCII."""
    return "".join(chr(code) for code, meant in _PLAIN.items() if meant in plain and code < 0x1_0000)


_WIDE_LETTER = f"{_wide(ascii_letters + digits + '._-')}{_ASTRAL}{INVISIBLE}"
_LETTER = rf"\w.\-{_WIDE_LETTER}"
_WIDE_QUOTE, _WIDE_BLANK, _WIDE_SIGN = _wide("\"'"), _wide(" "), _wide(":=")
_QUOTE, _BLANK, _SIGN = rf"\"'\\{_WIDE_QUOTE}", rf" \t{_WIDE_BLANK}", f":={_WIDE_SIGN}"
# Where a disguised name may be: most lines in other scripts have other signs only.
_HINT = re.compile(
    rf"[{_WIDE_LETTER}{_WIDE_QUOTE}{_WIDE_BLANK}{_WIDE_SIGN}](?:(?<=[{_WIDE_LETTER}])"
    rf"|(?<=[A-Za-z{_QUOTE}{_BLANK}][{_WIDE_SIGN}])|(?<=[{_WIDE_QUOTE}{_WIDE_BLANK}])(?=[{_QUOTE}{_BLANK}{_SIGN}]))"
)
# A secret is written in ASCII or its likeness: what follows in another script is a message, and a number before it
# counts something.
_NAMED = re.compile(
    rf"(?<![{_LETTER}])([{_LETTER}]++)([{_QUOTE}]{{0,8}}+[{_BLANK}]{{0,40}}+[{_SIGN}])(?=[{_BLANK}]{{0,40}}+"
    rf"(?i:{HARMLESS})(?!\d{{1,12}}[^\x00-\x7f])[{_QUOTE}]{{0,8}}[!-~{_WIDE_LETTER}])"
)
_SECRET = re.compile(rf"(?:{NAME}|authorization|cookie)$", re.IGNORECASE)


def plain_name(name: str) -> str:
    """In ASCII, as far as it only looks different."""
    return name if name.isascii() else clean(name).translate(_PLAIN)


def plain_names(text: str) -> str:
    """The text with the names of secrets, and what parts them from their values, in ASCII. All else is as it was."""
    if text.isascii():
        return text
    kept: list[str] = []
    at = 0
    for hint in _HINT.finditer(text):
        if hint.start() < at:
            continue
        start = max(at, text.rfind("\n", at, hint.start()) + 1)
        end = text.find("\n", hint.end())
        end = len(text) if end < 0 else end
        kept += [text[at:start], _NAMED.sub(_in_ascii, text[start:end])]
        at = end
    return "".join([*kept, text[at:]]) if kept else text


def _in_ascii(match: re.Match[str]) -> str:
    if match[0].isascii():
        return match[0]
    name = plain_name(match[1])
    return name + match[2].translate(_PLAIN) if _SECRET.search(name) else match[0]
