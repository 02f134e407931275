"""permission_denied: it is not allowed to do what it must."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.mounted import refused_by_mount
from agent_graph.analysts.rules.read_only import without_turned
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"permission denied|(?-i:\bEACCES\b|\bEPERM\b)|access ?denied|operation not permitted|\b403 forbidden"
    r"|\bforbidden: user|not authorized (?:to perform|on \w)|\(Unauthorized\)"
    r"|is not authorized|insufficient (?:privilege|permission)|must be owner of"
    r"|password authentication failed|authentication failed"
    r"|\bRBAC\b|cannot (?:get|list|watch|create|update|delete|patch) resource"
    r"|read-only file system|no pg_hba\.conf entry"
    r"|401 Unauthorized|\bWRONGPASS\b|\bNOAUTH\b|invalid_(?:client|grant|token)|bad credentials|no password supplied"
    r"|(?:token|secret keys?|credentials?|api key|password|session) (?:has |have |is |are )?expired|ExpiredToken"
    r"|signature is invalid"
    r"|SignatureDoesNotMatch|InvalidAccessKeyId|invalid (?:api )?key\b|login failed for user|ORA-01017"
    r"|unauthori[sz]ed client"
    r"|authentication (?:error|failure)|could not authenticate|does not have [\w.]+ (?:access|permission)"
    r"|does not have permission|PERMISSION_DENIED|UnauthorizedOperation|with an explicit deny",
    re.IGNORECASE,
)


# Who turns everybody away for want of room says so, whatever the exception is called that a library makes of it.
_FULL = re.compile(r"too many (?:open )?connections|connection slots|max_(?:user_)?connections", re.IGNORECASE)


def match(facts: Facts) -> Finding | None:
    """Lines about refused access."""
    refused = replace(facts, lines=[line for line in facts.lines if not _FULL.search(line.text)])
    return refused_by_mount(refused) or match_words(
        without_turned(refused),
        "permission_denied",
        _WORDS,
        "is not allowed to do what it must",
        "Try the same access with the same identity: success would rule it out.",
    )


SIGNATURE = Signature("permission_denied", "lines about refused access", ("config_error", "image_pull_error"), match)
