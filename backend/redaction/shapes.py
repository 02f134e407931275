"""The pieces patterns are made of: how secrets are named, parted from their names, quoted; what is none."""

import re

HIDDEN = "[redacted]"

# Quotes as they stand in code, in JSON inside JSON inside JSON, in HTML and in URLs.
QUOTE = r"(?:[\"'\\]|&quot;|&\#3[49];|%2[27])"
SEPARATOR = (
    rf"{QUOTE}{{0,8}}[ \t]{{0,40}}(?::=|=>|:(?!=)|=(?!>)|%3[ad]|\\u003[ad])"
    r"[ \t]{0,40}+(?:[|>][+-]?[ \t]{0,3}+(?=\n))?+\s{0,3}+[ \t]{0,40}+"
)
NAME = (
    r"(?:p(?:ass(?:word|wd|phrase|code)|ass(?<=[_-]pass)|(?-i:(?<=[a-z]P)(?:ass|wd))|wd(?<![a-z]pwd)"
    r"|w(?<![a-z]pw)|rivate[_-]?key|hpsess(?:ion)?id)|_pwd|requirepass|masterauth"
    r"|s(?:ecrets(?<=[_-]secrets)|ecret(?:[_-]?key(?:[_-]?base)?)?|ession[_-]?id(?<![a-z]session.id)(?<![a-z]sessionid)"
    r"|id(?<![a-z]sid)|ig(?:nature)?(?<![a-z]sig)(?<![a-z]signature)|igning[_-]?key|hared[_-]?access[_-]?signature)"
    r"|a(?:pi[_-]?key|ccess[_-]?key(?:[_-]?id)?|ccount[_-]?key|spsess(?:ion)?id)|encryption[_-]?key|token"
    r"|c(?:reds?|redentials?|lient[_-]?secret)|jsess(?:ion)?id|x-[\w-]{0,40}key)"
)
# What stands where a secret would, and is none: words of an error, a reference, a path.
HARMLESS = (
    r"(?![\"'\\]*(?:(?:null|none|nil|true|false|yes|no|undefined|default|required|missing|invalid|expired|empty"
    r"|not|is|must|unexpected|failed|loaded|\d{1,2}|\$\d{1,3}|%s|\?)(?=[\s\"',;.)}\]\\<]|\Z)|<set to"
    r"|(?-i:/[a-z0-9._/-]{0,200}(?=[\s\"',;)}\]<]|\Z))))"
    r"(?!(?:\\{0,8}[\"']|&quot;|&\#3[49];|%2[27])?\[redacted\])"
)
# The source of a log may write the time before each line.
STAMP = r"\d{4}-\d\d-\d\dT[\d:.+Z-]{8,30}[ \t]"
# Closed quotes; quotes whose end was cut off.
QUOTED = (
    r"\"(?:[^\"\\\n]|\\[^\n])*\"|\\{1,8}\"(?:[^\"\\\n]|\\(?!\\{0,7}\")[^\n])*\\{1,8}\"|\\{0,8}'[^'\n]*'"
    r"|(?:&quot;|&\#3[49];|%2[27])(?:(?!&quot;|&\#3[49];|%2[27])[^\s\"'])+"
    r"|\\{0,8}[\"'](?=[^\s,}\]):\"'])[^\"'\n]+"
)
# Or a bare word.
VALUE = rf"({QUOTED}|[^\s\"'&,;)}}\]]+)"


def hidden_value(value: str) -> str:
    """The quotes around the value stay, so that JSON remains JSON."""
    quoted = re.match(r"\\{0,8}[\"']", value)
    quote = quoted[0] if quoted else ""
    return f"{quote}{HIDDEN}{quote}"
