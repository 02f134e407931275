"""permission_denied: it is not allowed to do what it must."""

import re
from dataclasses import replace

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.mounted import refused_by_mount
from agent_graph.analysts.rules.read_only import without_turned
from agent_graph.analysts.rules.signatures.refused_by_kernel import refused_by_kernel
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"permission denied|(?-i:\bEACCES\b|\bEPERM\b)|access ?denied|operation not permitted|\b403 forbidden"
    r"|\bforbidden: user|not authorized (?:to perform|on \w)|\(Unauthorized\)"
    r"|is not authorized|\b(?:account|user|role|principal|client|identity)(?: name)? not authorized"
    r"|insufficient (?:privilege|permission)|must be owner of"
    r"|password authentication failed|authentication failed"
    r"|\bRBAC\b|cannot (?:get|list|watch|create|update|delete|patch) resource"
    r"|read-only file system|no pg_hba\.conf entry"
    r"|401 Unauthorized|\bWRONGPASS\b|\bNOAUTH\b|invalid_(?:client|grant|token)|bad credentials|no password supplied"
    r"|(?:token|secret keys?|credentials?|api key|password|session) (?:has |have |is |are )?expired|ExpiredToken"
    r"|signature is invalid|(?:secret keys?|key|token) (?:was|has been|is) revoked"
    r"|SignatureDoesNotMatch|InvalidAccessKeyId|invalid (?:api )?key\b|login failed for user|ORA-01017"
    r"|unauthori[sz]ed client"
    # What was paid for until yesterday.
    r"|\blicen[cs]e\b(?!.{0,40}\b(?:renew|will|in \d))[^.]{0,60}\b(?:has |is )?(?:expired|not valid|invalid|ran out)\b"
    r"|authentication (?:error|failure)|could not authenticate|does not have [\w.]+ (?:access|permission)"
    # Mail servers of those who do not say who they are, as the domain's own records would have them do.
    r"|sender is unauthenticated"
    r"|\b5\.7\.(?:1|9|2[3567])\b.{0,120}(?:denied|block|reject|not allowed|SPF|DKIM|DMARC)"
    r"|\b(?:SPF|DKIM|DMARC)\b.{0,60}(?:fail|not pass|reject)"
    r"|does not have permission|PERMISSION_DENIED|UnauthorizedOperation|with an explicit deny"
    r"|(?:cluster|topic|group|transactional ?id) authorization failed"
    # A key that opens nothing any more: disabled, or about to be deleted.
    r"|\bKMS\w*\.\w*(?:Disabled|InvalidState|NotFound)\w*|\bKMS key .{1,200}\b(?:is not enabled|disabled)"
    r"|\bon a disabled key\b|\bkey\b.{1,120}\bis pending deletion",
    re.IGNORECASE,
)


# What was signed with a key that the reader does not have: keys and secrets are renewed on one side first. Frameworks
# that check tokens for others call it information that one of them was refused.
_UNKNOWN_KEY = re.compile(
    r"signature (?:validation|verification) failed|SignatureVerification(?:Exception|Error|Failed)"
    r"|SignatureKeyNotFound|no signatures? found matching|signatures? (?:does|do|did) ?n[o']t match"
    r"|did not match any keys|(?:unable|failed|could not|cannot|not able) (?:to )?(?:find|match|resolve|locate|get)"
    r" (?:a |the |any |matching |signing |appropriate |public ){0,4}(?:key|jwk|kid)\b"
    r"|no (?:matching|applicable|suitable|such) (?:signing |public )?(?:key|jwk|kid)\b|unknown (?:kid|key id)"
    r"|invalid (?:jwt |token |webhook |message |hmac )?signature|(?:hmac|signature) mismatch",
    re.IGNORECASE,
)
# Who turns everybody away for want of room says so, whatever the exception is called that a library makes of it.
_FULL = re.compile(
    r"too many (?:open )?connections|connection slots|max_(?:user_)?connections|connection limit \(\d+\)", re.IGNORECASE
)
# Whom nobody could ask was not refused: who should have said who it is answered with a failure of its own, had not
# enough copies to look it up in, or lost the session that it kept.
_UNASKED = re.compile(
    r"\b(?:500 Internal Server Error|502 Bad Gateway|503 Service (?:Temporarily )?Unavailable|504 Gateway Time-?out)"
    r"|code = Unavailable|unable to perform authentication|cannot contact any KDC"
    r"|\b(?:zoo)?keeper.{0,80}session expired|session expired.{0,80}keeper",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """Lines about refused access."""
    refused = replace(
        facts, lines=[line for line in facts.lines if not (_FULL.search(line.text) or _UNASKED.search(line.text))]
    )
    return (
        refused_by_mount(refused)
        or refused_by_kernel(refused)
        or match_words(
            without_turned(refused),
            "permission_denied",
            _WORDS,
            "is not allowed to do what it must",
            "Try the same access with the same identity: success would rule it out.",
        )
        or match_words(
            refused,
            "permission_denied",
            _UNKNOWN_KEY,
            "does not have the key or secret that others sign with (signature refused)",
            "Compare what the two sides hold, and when each was last renewed: the same would rule it out.",
            any_level=True,
        )
    )


SIGNATURE = Signature("permission_denied", "lines about refused access", ("config_error", "image_pull_error"), match)
