"""What secrets look like, and for each kind the substrings without one of which a text cannot hold it."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass

from backend.redaction.glance import FEW_WORDS, Seen, any_of, glance
from backend.redaction.pairs import NAME_FIRST, VALUE_FIRST, XML_PAIR, hidden_pair
from backend.redaction.shapes import HARMLESS, HIDDEN, NAME, SEPARATOR, VALUE, hidden_value


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
    return match[1] + hidden_value(match[2])


def _lead(match: re.Match[str]) -> str:
    return match[1] + HIDDEN


def _between(match: re.Match[str]) -> str:
    return match[1] + HIDDEN + match[2]


@dataclass(frozen=True)
class Rule:
    """A pattern, and the lower-case substrings without one of which it cannot match; `also`: nor without one of these.

    `by_line`: a slow pattern is tried only from lines with one of the hints to the line after them. `seen`: answers for
    many hints, or in place of any.
    """

    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str]
    by_line: bool = False
    also: tuple[str, ...] = ()
    seen: Seen | None = None

    def may_match(self, lower: str) -> bool:
        """Loops: of what happens for every line, generators and calls are the most expensive part."""
        if self.seen is not None:
            return self.seen(lower)
        for hint in self.hints:
            if hint in lower:
                return not self.also or any(other in lower for other in self.also)
        return not self.hints

    def may_begin(self, lower: str) -> bool:
        for hint in self.hints:
            if hint in lower:
                return True
        return not self.hints

    def apply(self, text: str) -> str:
        return self.pattern.sub(self.replacement, text)


def _rule(
    hints: str,
    pattern: str,
    replacement: str | Callable[[re.Match[str]], str],
    flags: int = 0,
    *,
    also: str = "",
    by_line: bool = False,
) -> Rule:
    words = tuple(hints.split())
    seen = any_of(words) if len(words) > FEW_WORDS and not also else None
    return Rule(words, re.compile(pattern, flags), replacement, by_line, tuple(also.split()), seen)


_NAMES = "pass key token secret sess sid sig pw cred masterauth"
_COMMAND = (
    r"(\b(?:(?:mysql|mariadb)\w{0,10}\b[^\n|;]{0,300}?\s-p(?=\S)|sshpass\s{1,4}-p\s?|redis-cli\b[^\n|;]{0,300}?\s-a\s{1,4}"
    r"|ldap(?:search|modify|add|delete|passwd|whoami)\b[^\n|;]{0,300}?\s-w\s{1,4}|AUTH\s(?=\S{0,200}\d)(?=\S{8}))"
    r"[\"']?)(?!\[redacted\])[^\s\"']+"
)
_FLAG = r"(--?(?:[\w-]{1,30}-)?(?:password|passwd|token|secret|api-key)[ ])(?!-|\[redacted\])(\S+)"
_USER = r"((?<!\S)(?:-u|--user|--proxy-user)[ =][\"']?[^\s:\"']{1,100}:)(?!\[redacted\]|\d+\b)[^\s\"']+"
# "password -> reset page" goes somewhere: only what no word, number, algorithm, step or version looks like is a secret.
_ELSEWHERE = (
    r"(?!\[redacted\]|[/<({\[]|[#%$]\{|\d+(?:\.\d+)?[a-zµ%]{1,3}\b|[a-z]+(?:[_-][a-z]+)*[_-]v?\d{1,3}(?!\w)"
    r"|argon|[bsy]?crypt|pbkdf|scram|sha|md\d|aes|rsa|base\d|hash|hmac|oauth|oidc|saml|x509|h?otp|totp|mfa|webauthn|fido"
    r"|https?\b|(?:pass(?:word|key)?|step|stage|screen|phase|level|factor|state|version|method|field|column)[_-]?\d)"
)
_ARROW = (
    r"((?<![\w./-])[\w.-]{0,40}?(?:pass(?:word|wd|phrase|code)|[_-]pass|pwd|(?:api|access|private|secret)[_-]?key"
    r"|client[_-]?secret|(?:access|refresh|auth|api|bearer|session)[_-]?token)[\"'\\]{0,8}[ \t]{0,40}"
    rf"(?:(?:->|-&gt;)(?=[ \t\"'\\])|→)[ \t]{{0,40}}+[\"'\\]{{0,8}}+){_ELSEWHERE}"
    r"(?=[^\s\"',;)}\]]{0,100}?\d)(?=[^\s\"',;)}\]]{0,100}?[a-z])[^\s\"',;)}\]\\]{6,}"
)
_HOOK = (
    r"((?:hooks\.slack\.com/(?:services|workflows|triggers)|discord(?:app)?\.com/api/webhooks/\d{5,25}"
    r"|webhook\.office\.com/webhookb2)/|/bot\d{6,12}:)(?!\[redacted\])[^\s\"'<>)\]/][^\s\"'<>)\]]*"
)
_CARD = r"(?:3[47]\d{2}[ -]?\d{6}[ -]?\d{5}|(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6011|65\d{2})(?:[ -]?\d{4}){3})"
# Issuers' own prefixes: recognisable wherever they stand.
_PREFIXED = (
    r"\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[opusr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl(?:pat|dt|ft|rt|ptt|soat)-[\w-]{16,}"
    r"|xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,}|sk-(?:live-[\w-]{10,}|[\w-]{16,})|[rsp]k_(?:live|test)_\w{10,}|AIza[\w-]{30,}"
    r"|ya29\.[\w-]{20,}|npm_\w{30,}|SG\.[\w-]{16,}\.[\w-]{16,}|hf_\w{20,}|do[opr]_v1_[0-9a-f]{40,}|shpat_[0-9a-f]{20,}"
    r"|pypi-[\w-]{40,}|sb_secret_[\w-]{16,}|hv[sbr]\.[\w-]{20,}|AGE-SECRET-KEY-1\w{20,}|whsec_\w{16,}|dckr_pat_[\w-]{20,}"
    r"|sntrys_[\w=]{20,}|ATATT3[\w=-]{20,})"
)
_PREFIXES = (
    "akia asia ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glft- glrt- glptt- glsoat- xox xapp- sk- k_live k_test"
    " aiza ya29. npm_ sg. hf_ _v1_ shpat_ pypi- sb_secret_ hvs. hvb. hvr. age-secret whsec_ dckr_pat_ sntrys_ atatt3"
)
# Words that make a text secret, and how they begin in base64 at each of the three places in a group.
_TELLING = ("password", "PASSWORD", "secret", "SECRET", "token", "TOKEN", "postgres", "mysql:")


def _fragments(word: str) -> list[str]:
    found: list[str] = []
    for before in range(3):
        coded = base64.b64encode(bytes(before) + word.encode()).decode().rstrip("=")
        # Only characters made of nothing but the word's own bits.
        first, last = -(-before * 8 // 6), (before + len(word)) * 8 // 6
        found.append(coded[first:last].lower())
    return found


_CODED = " ".join(sorted({part for word in _TELLING for part in _fragments(word)}))

RULES = (
    _rule(
        "authorization",
        r"((?:proxy-)?authorization[\"'\\]{0,8}\s{0,3}(?::(?!:)|=)\s{0,3}[\"'\\]{0,8})(?:(?:basic|bearer|token|digest"
        r"|negotiate|apikey)\s+)?[^\s\"'\\,;]+",
        _lead,
        re.IGNORECASE,
    ),
    _rule(
        "cookie",
        r"((?<![\w-])(?:set-)?cookie[\"'\\]{0,8}\s{0,3}[:=]\s{0,3}+(?!\[redacted\])\[?+\s{0,3}+[\"'\\]{0,8}+)"
        r"(?!\[redacted\]|[\[{])(?:[^\n\"'\\]|(?<==)\"[^\"\n]*\")+",
        _lead,
        re.IGNORECASE,
    ),
    # Up to the last @ of the authority: passwords contain them, unescaped, more often than they should.
    _rule(
        "://",
        r"(://[^/\s:@\"']{0,200}:)(?!\[redacted\]@)(?:[^\s\"'/]{1,200}@(?=[\w.\[-])|[^@\s\"']{1,200}@(?=[\w.-]+[:/]))",
        rf"\1{HIDDEN}@",
    ),
    _rule("://", r"(://)(?=[\w.~%-]{0,200}\d)[\w.~%-]{20,200}(@[\w\[])", _between),
    _rule(
        "%3a%2f%2f",
        r"(%3a%2f%2f[^\s%\"'@/:]{0,100}%3a)(?!\[redacted\])[^\s\"'@/]{1,200}?(%40)",
        _between,
        re.IGNORECASE,
    ),
    _rule(
        "@tcp( @unix( @udp(",
        r"((?<![\w.-])[\w.-]{1,64}:)(?!\[redacted\])[^\s\"']{1,200}?(@(?:tcp|unix|udp)\()",
        _between,
    ),
    _rule(":thin:", r"(:thin:[^\s/@:]{1,64}/)(?!\[redacted\])[^\s@\"']{1,200}(@)", _between),
    _rule("hooks.slack.com /webhooks/ webhookb2 /bot", _HOOK, _lead),
    _rule("eyj", r"(?<![\w-])eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?", HIDDEN),
    _rule(_PREFIXES, _PREFIXED, HIDDEN),
    # Words follow "basic", too ("basic authentication"): there only what has a digit or is longer than words are.
    _rule(
        "bearer basic",
        r"\b((?:bearer|basic)\s{1,8})(?:(?=[A-Za-z._~+/-]{0,400}\d)[A-Za-z0-9._~+/-]{12,}|[A-Za-z0-9._~+/-]{18,})=*",
        _lead,
        re.IGNORECASE,
    ),
    _rule(
        "auth",
        r"((?<![\w-])(?i:auth)[\"'\\]{0,8}\s?[:=]\s?[\"'\\]{0,8})(?=[\w+/=-]{0,200}[\d=])(?=[\w+/=-]{0,200}[a-z])"
        r"[\w+/=-]{12,}",
        _lead,
    ),
    _rule(_NAMES, rf"((?:{NAME}){SEPARATOR}){HARMLESS}{VALUE}", _named, re.IGNORECASE, by_line=True),
    _rule("value", NAME_FIRST, hidden_pair, re.IGNORECASE, also=_NAMES),
    _rule("value", VALUE_FIRST, hidden_pair, re.IGNORECASE, also=_NAMES, by_line=True),
    _rule("<value>", XML_PAIR, hidden_pair, re.IGNORECASE),
    _rule(
        "</",
        r"(<[\w.:-]{0,40}(?:password|passwd|secret|token|api-?key)(?:\s[^<>\n]{0,200})?>)(?!\[redacted\])"
        r"[^<>\n]{1,1000}",
        _lead,
        re.IGNORECASE,
    ),
    # A password that a statement sets: ALTER ROLE … PASSWORD '…', CREATE USER … IDENTIFIED BY '…'.
    _rule(
        "password identified",
        r"((?:\bpassword|\b(identified)\s{1,4}(?:with\s{1,4}\S{1,60}\s{1,4})?(?:by|as)(?:\s{1,4}password)?)\s{1,8}E?)"
        r"(?!['\"]\[redacted\])(?:'(?:[^'\n]|'')*'?|(?(2)\"[^\"\n]+\"|(?!)))",
        rf"\1'{HIDDEN}'",
        re.IGNORECASE,
    ),
    # Prose ("the password is …"): only what no word looks like.
    _rule(
        "password passphrase",
        r"(\bpass(?:word|phrase)(?:\s{1,3}for\s{1,3}(?:user\s{1,3})?[\w.@-]{1,64})?(?:\s{1,3}(?:is|was)\s{1,3}|:\s{1,3}))"
        r"(?=\S{0,100}\d)(?=\S{0,100}[A-Za-z])(?![\"']?\[redacted\])[^\s\"',;]{6,}",
        _lead,
        re.IGNORECASE,
    ),
    _rule("-> → -&gt;", _ARROW, _lead, re.IGNORECASE, also=_NAMES, by_line=True),
    _rule("-pass -token -secret -api-key", _FLAG, _lead, re.IGNORECASE),
    _rule("-u --user --proxy-user", _USER, _lead),
    _rule("mysql mariadb sshpass redis-cli ldap auth", _COMMAND, _lead),
    Rule((), re.compile(rf"(?<![\d.-]){_CARD}(?![\d.-]?\d)"), _card, seen=glance(_CARD, 15)),
)

# A key's block; where its end was cut off, the lines after its beginning that look like its body.
PRIVATE_KEY = re.compile(
    r"-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----(?:(?:[^-]|-(?!----)){0,16000}-----END \1-----"
    r"|(?:[ \t]{0,8}(?:\r?\n|\\[rn]){1,4}(?:[ \t]{0,40}[A-Za-z0-9+/=]{0,200}[ \t]{0,8}(?=\n|\r|\\|\Z)"
    r"|[^\n]{0,80}?[\s|][A-Za-z0-9+/=]{40,200}(?=\n|\r|\Z)|[\w-]{1,20}: [^\n]{1,100})){0,500})"
    r"|(?<=Private-Lines: )\d{1,4}\s{1,3}(?:[A-Za-z0-9+/=]{1,200}(?:\s{1,3}|\Z)){1,200}"
)
# Where the beginning was cut off: a line of its body, and the end.
KEY_LINE = re.compile(r"(?:^|[\s|])[A-Za-z0-9+/=]{8,200}\s{0,3}$")
KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# Of a member of JSON. "secret" alone names an object of Kubernetes more often than it holds one.
SECRET_NAME = re.compile(rf"(?:{NAME})(?<!^secret)$", re.IGNORECASE)
CODED = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{20,16000}={0,2}(?![\w+/-])")
may_be_coded = any_of(tuple(_CODED.split()), 20)


def decoded(match: re.Match[str]) -> str | None:
    """The text behind base64, where it is one."""
    bare = match[0].rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = base64.b64decode(bare + "=" * (-len(bare) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return (
        text if text.isprintable() or text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable() else None
    )
