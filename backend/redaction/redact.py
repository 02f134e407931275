"""Hides secrets: keys, tokens, passwords, cookies, private keys, cards. Before anything is stored or sent."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

HIDDEN = "[redacted]"
# Small pieces: most contain no hint of a secret and are passed on at the speed of a substring search. They end at line
# ends, so that no secret is cut in two; a longer line is cut only where it exceeds _LONGEST_LINE.
_PIECE = 2_000
_LONGEST_LINE = 64_000

# Whole blocks; the end may be missing where the text was cut.
_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)

_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?")
# Up to the last @ of the authority: passwords contain them, unescaped, more often than they should.
_URL_PASSWORD = re.compile(
    r"(://[^/\s:@\"']{0,200}:)(?!\[redacted\]@)(?:[^\s\"'/]{1,200}@(?=[\w.\[-])|[^@\s\"']{1,200}@(?=[\w.-]+[:/]))"
)

_NAMED = re.compile(
    r"((?:pass(?:word|wd|phrase|code)|requirepass|masterauth|pgpassword|_pwd|(?<![a-z])pwd|secret(?:[_-]?key)?|api[_-]?key"
    r"|access[_-]?key(?:[_-]?id)?"
    r"|account[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key|token|credentials?"
    r"|(?<![a-z])session[_-]?id"
    r"|(?<![a-z])sid|client[_-]?secret|shared[_-]?access[_-]?signature|(?<![a-z])sig(?:nature)?|x-[\w-]{0,40}key)"
    r"[\"'\\]{0,3}\s{0,3}(?::=|=>|:(?!=)|=(?!>))\s{0,3})"
    r"(?![\"'\\]*(?:null|none|nil|true|false|undefined|required|missing|invalid|expired|empty|not|is|must"
    r"|unexpected|/)\b)"
    r"(?!\\?[\"']?\[redacted\])(\\?\"(?:[^\"\\\n]|\\(?!\")[^\n])*\\?\"|'[^'\n]*'|[^\s\"'&,;)}\]]+)",
    re.IGNORECASE,
)
_FLAG = re.compile(r"(--?(?:password|passwd|token|secret|api-key)[ ])(?!-)(\S+)", re.IGNORECASE)
_AUTHORIZATION = re.compile(
    r"((?:proxy-)?authorization[\"'\\]{0,3}\s{0,3}[:=]\s{0,3}[\"'\\]{0,3})(?:(?:basic|bearer|token|digest"
    r"|negotiate|apikey)\s+)?[^\s\"'\\,;]+",
    re.IGNORECASE,
)
# Words follow "basic", too ("basic authentication"): there only what has a digit or is longer than words are.
_BEARER = re.compile(
    r"\b((?:bearer|basic)\s{1,8})(?:(?=[A-Za-z._~+/-]{0,400}\d)[A-Za-z0-9._~+/-]{12,}|[A-Za-z0-9._~+/-]{18,})=*",
    re.IGNORECASE,
)
_COOKIE = re.compile(r"((?<![\w-])(?:set-)?cookie[\"'\\]{0,3}\s{0,3}[:=]\s{0,3})[^\n\"']+", re.IGNORECASE)
# Issuers' own prefixes: recognisable wherever they stand.
_PREFIXED = re.compile(
    r"\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[opusr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|xox[abeoprs]-[\w-]{10,}"
    r"|xapp-[\w-]{10,}|sk-[A-Za-z0-9_-]{16,}|[rsp]k_(?:live|test)_\w{10,}|AIza[\w-]{30,}|ya29\.[\w-]{20,}"
    r"|npm_\w{30,}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|hf_\w{20,}|do[opr]_v1_[0-9a-f]{40,}|shpat_[0-9a-f]{20,}|pypi-[\w-]{40,}"
    r"|sb_secret_[\w-]{16,}|hvs\.[\w-]{20,}|AGE-SECRET-KEY-1\w{20,})"
)
_CARD = re.compile(
    r"(?<![\d.-])(?:3[47]\d{2}[ -]?\d{6}[ -]?\d{5}|(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6011"
    r"|65\d{2})(?:[ -]?\d{4}){3})(?![\d.-]?\d)"
)


def luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _card(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    return HIDDEN if luhn(digits) else match[0]


def _named(match: re.Match[str]) -> str:
    """The quotes around the value stay, so that JSON remains JSON."""
    quoted = re.match(r"\\?[\"']", match[2])
    quote = quoted[0] if quoted else ""
    return f"{match[1]}{quote}{HIDDEN}{quote}"


def _lead(match: re.Match[str]) -> str:
    return match[1] + HIDDEN


@dataclass(frozen=True)
class _Rule:
    """A pattern, and the lower-case substrings without one of which it cannot match.

    `by_line`: a slow pattern is tried only from lines with such a substring to the line after them.
    """

    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str]
    by_line: bool = False

    def apply(self, text: str) -> str:
        return self.pattern.sub(self.replacement, text)


_NAMES = ("pass", "masterauth", "pwd", "secret", "key", "token", "credential", "session", "sid", "sig")
_PREFIXES = (
    *(
        "akia",
        "asia",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "xox",
        "xapp-",
        "sk-",
        "k_live",
        "k_test",
    ),
    *("aiza", "ya29.", "npm_", "sg.", "hf_", "_v1_", "shpat_", "pypi-", "sb_secret_", "hvs.", "age-secret"),
)
_RULES = (
    _Rule(("authorization",), _AUTHORIZATION, _lead),
    _Rule(("cookie",), _COOKIE, _lead),
    _Rule(("://",), _URL_PASSWORD, rf"\1{HIDDEN}@"),
    _Rule(("eyj",), _JWT, HIDDEN),
    _Rule(_PREFIXES, _PREFIXED, HIDDEN),
    _Rule(("bearer", "basic"), _BEARER, _lead),
    _Rule(_NAMES, _NAMED, _named, by_line=True),
    _Rule(("-pass", "-token", "-secret", "-api-key"), _FLAG, _lead),
    _Rule((), _CARD, _card),
)


def redact(text: str) -> str:
    """The text with every secret replaced by [redacted]. Applying it twice changes nothing more."""
    if "-----BEGIN" in text:
        text = _PRIVATE_KEY.sub(HIDDEN, text)
    return "".join(_redact_piece(piece) for piece in _pieces(text))


def redact_named(pairs: Mapping[str, str]) -> dict[str, str]:
    """Each value without secrets; one whose name says that it is secret ({"password": "x"}) as a whole."""
    whole = "\n".join(f"{name}={value}" for name, value in pairs.items())
    # Nearly always there is nothing to hide, and one look shows it.
    if redact(whole) == whole:
        return dict(pairs)
    return {name: _redact_pair(name, value) for name, value in pairs.items()}


def _redact_pair(name: str, value: str) -> str:
    hidden = redact(value)
    line = f"{name}={value}"
    return HIDDEN if value and hidden == value and redact(line) != line else hidden


def _redact_piece(text: str) -> str:
    lower = text.lower()
    for rule in _RULES:
        if not rule.hints or any(hint in lower for hint in rule.hints):
            text = "\n".join(_by_line(rule, text)) if rule.by_line else rule.apply(text)
    return text


def _by_line(rule: _Rule, text: str) -> Iterator[str]:
    """A name may stand at the end of its line and its value on the next: hinted lines go with their successor."""
    block: list[str] = []
    for line in text.split("\n"):
        lower = line.lower()
        hinted = any(hint in lower for hint in rule.hints)
        if hinted or block:
            block.append(line)
        if not hinted:
            yield rule.apply("\n".join(block)) if block else line
            block = []
    if block:
        yield rule.apply("\n".join(block))


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start + _PIECE) + 1 or len(text)
        if end - start > _LONGEST_LINE:
            end = text.rfind(" ", start, start + _LONGEST_LINE) + 1 or start + _LONGEST_LINE
        yield text[start:end]
        start = end
