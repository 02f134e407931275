"""What a container runtime complains of when it cannot start a container, whoever asked it to."""

import re

from agent_graph.sources.signs import Weight
from backend.investigation.kinds import Category

# The first that fits.
_WORDS: tuple[tuple[str, tuple[Category, Weight]], ...] = (
    (r"no space left on device|disk quota exceeded", ("disk_pressure", "proof")),
    (r"out of memory|cannot allocate memory|memory limit too low|init was OOM-killed", ("oom", "proof")),
    (r"too many open files|pids? limit|fork: retry|resource temporarily unavailable", ("quota_exceeded", "strong")),
    (
        r"port is already allocated|address already in use|ports are not available|driver failed programming",
        ("config_error", "proof"),
    ),
    (
        r"pull access denied|no such image|manifest unknown|manifest for .{1,200} not found|unable to find image",
        ("image_pull_error", "proof"),
    ),
    (
        r"configmap|secret|couldn't find key|references non-existent|not a directory|(?:mount|bind) source path",
        ("config_error", "proof"),
    ),
    (
        r"exec format error|executable file not found|exec: |no such file or directory|device driver|gathering device",
        ("config_error", "proof"),
    ),
    (
        r"runAsNonRoot|will run as root|non-numeric user|permission denied|forbidden|operation not permitted",
        ("permission_denied", "proof"),
    ),
    (r"network .{1,80}not found|no available network|endpoint with name", ("config_error", "proof")),
)


def of_start(message: str) -> tuple[Category, Weight] | None:
    """Why a runtime could not start a container."""
    return next((meaning for words, meaning in _WORDS if re.search(words, message, re.IGNORECASE)), None)
