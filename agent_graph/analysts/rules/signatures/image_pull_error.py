"""image_pull_error: its image cannot be had."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.signatures.words import match_words

_WORDS = re.compile(
    r"ErrImagePull|ImagePullBackOff|failed to pull image|pull access denied"
    r"|manifest (?:for .{1,120} )?(?:unknown|not found)"
    r"|repository does not exist|InvalidImageName|failed to resolve reference",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """The words of a runtime about an image."""
    return match_words(
        facts,
        "image_pull_error",
        _WORDS,
        "cannot get its image",
        "Pull the image by hand from the same node.",
        any_level=True,
    )


SIGNATURE = Signature(
    "image_pull_error", "the words of a runtime about an image", ("bad_deploy", "permission_denied"), match
)
