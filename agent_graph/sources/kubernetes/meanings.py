"""What Kubernetes' own words stand for: reasons of waiting, of ending and of being refused; exit codes."""

import re

from agent_graph.sources.signs import Weight
from backend.investigation.kinds import Category

Meaning = tuple[Category, Weight]
# Patterns of a message with their meaning: the first that fits.
Table = tuple[tuple[str, Meaning], ...]

_I = re.IGNORECASE
SIGNALS = {
    129: "SIGHUP",
    130: "SIGINT",
    131: "SIGQUIT",
    132: "SIGILL",
    134: "SIGABRT",
    135: "SIGBUS",
    136: "SIGFPE",
    137: "SIGKILL",
    139: "SIGSEGV",
    141: "SIGPIPE",
    143: "SIGTERM",
}
# Codes that a shell, an init or sysexits.h gives a meaning of its own.
_CODES = {
    126: "command cannot be executed",
    127: "command not found",
    128: "container could not be started",
    78: "configuration error",
    255: "exit status out of range or the node went away",
}
# A command that is not there, cannot be run, or is told what it cannot read.
UNSTARTABLE = frozenset({126, 127, 128})

IMAGE_REASONS = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "RegistryUnavailable",
        "ImageInspectError",
        "SignatureValidationFailed",
    }
)
CONFIG_REASONS = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "StartError",
        "ContainerCannotRun",
        "PreStartHookError",
        "PostStartHookError",
        "FailedPostStartHook",
        "PreCreateHookError",
    }
)
LOST_REASONS = frozenset(
    {"NodeLost", "NodeShutdown", "Terminated", "NodeAffinity", "ContainerStatusUnknown", "Shutdown"}
)

# What an API server says when it refuses to make a pod.
_REFUSED: Table = (
    (r"exceeded quota|quota exceeded|failed quota|insufficient quota", ("quota_exceeded", "proof")),
    (
        r"must specify (?:limits|requests)|maximum .{1,60} (?:usage|limit) per|minimum .{1,60} usage per"
        r"|limit to request ratio",
        ("quota_exceeded", "proof"),
    ),
    (
        r"violates PodSecurity|unable to validate against any (?:security context constraint|pod security policy)",
        ("permission_denied", "proof"),
    ),
    (r"serviceaccount .{1,120} not found|error looking up service account", ("config_error", "proof")),
    (r"no PriorityClass|is invalid|unknown field|Invalid value", ("config_error", "proof")),
    (r"fail(?:ed)? (?:calling|to call) webhook.*(?:x509|certificate)", ("certificate_expired", "proof")),
    (r"failed calling webhook|failed to call webhook", ("dependency_failure", "proof")),
    (r"admission webhook|denied the request|denied by|validating ?admission ?policy", ("permission_denied", "proof")),
    (r"forbidden|cannot create resource|unauthorized", ("permission_denied", "strong")),
)

# What an attach or mount fails of.
_MOUNT: Table = (
    (r"(?:configmap|secret)s?\b.*not found|references non-existent|couldn't find key", ("config_error", "proof")),
    (r"not registered|container not found", ("config_error", "weak")),
    (
        r"permission denied|access denied|not authorized|UnauthorizedOperation|accessdenied",
        ("permission_denied", "strong"),
    ),
    (r"no space left", ("disk_pressure", "proof")),
    (r"connection (?:refused|timed out)|no route to host|host is down|i/o timeout", ("dependency_failure", "strong")),
    (r"lookup .{1,100}no such host|failed to resolve|name or service not known", ("dns_failure", "strong")),
    (r"Multi-Attach|already (?:exclusively )?(?:attached|used by)|volume is already", ("scheduling_failure", "strong")),
    (r"persistentvolumeclaim .{1,120}not found|claim .{1,60}not bound|unbound", ("scheduling_failure", "strong")),
    (r"driver name .{1,120}not found in the list of registered CSI drivers", ("scheduling_failure", "strong")),
    (r"wrong fs type|bad option|structure needs cleaning|input/output error", ("disk_pressure", "weak")),
)

# What anybody's error says by itself, whatever its reason is called.
_WORDS: Table = (
    (r"not authorized|access ?denied|unauthorizedoperation|permission denied", ("permission_denied", "strong")),
    (r"x509: certificate has expired|certificate has expired", ("certificate_expired", "strong")),
    (r"no such host|server misbehaving", ("dns_failure", "strong")),
    (r"no space left on device", ("disk_pressure", "strong")),
    (r"connection refused|no route to host|i/o timeout", ("dependency_failure", "weak")),
)

# Why an image could not be had, where it is not the image itself.
IMAGE_CAUSES: tuple[tuple[str, str], ...] = (
    (
        r"manifest unknown|manifest for .{1,200}not found|: not found|no such image|name unknown",
        "there is no such image or tag",
    ),
    (r"no match for platform|no matching manifest for", "the image has no build for this platform"),
    (r"toomanyrequests|rate ?limit|429", "the registry limits the rate of pulls"),
    (
        r"unauthorized|authentication required|denied|no basic auth|forbidden|401|403",
        "the registry refuses the credentials",
    ),
    (r"no such host|server misbehaving|name resolution", "the registry's name cannot be resolved"),
    (r"x509|certificate", "the registry's certificate is not accepted"),
    (r"timeout|deadline|connection refused|no route|reset by peer|EOF|TLS handshake", "the registry cannot be reached"),
    (r"no space left", "there is no disk space for it"),
    (r"couldn't parse image|invalid reference format|InvalidImageName", "its name is not valid"),
    (
        r"ErrImageNeverPull|never pull|is not present with pull policy",
        "it is not on the node, and must never be pulled",
    ),
)
# What no reader can read: hashes, tokens, encoded refusals. How long an error may be, and how much of it tells who.
_OPAQUE = re.compile(r"[\w+/=-]{60,}")
_LONG, _WHO = 330, 90


def of_refusal(message: str) -> Meaning | None:
    """Why an API server made no pod."""
    return _first(_REFUSED, message)


def of_mount(message: str) -> Meaning | None:
    """Why a volume is not there."""
    return _first(_MOUNT, message)


def of_words(message: str) -> Meaning | None:
    """What an event of an operator, whose reasons nobody can list, fails of."""
    return _first(_WORDS, message)


def image_cause(message: str) -> str:
    """Why an image could not be had, in a few words; empty when nothing says."""
    return next((why for words, why in IMAGE_CAUSES if re.search(words, message, _I)), "")


def exit_meaning(code: int) -> str:
    """(SIGKILL), (command not found): what a code tells by itself."""
    said = SIGNALS.get(code) or _CODES.get(code)
    return f" ({said})" if said else ""


def innermost(message: str) -> str:
    """A long error that each layer handed on: who says it, and what the last of them says, which is why."""
    clauses = list(dict.fromkeys(_OPAQUE.sub("…", message).split(": ")))
    told = ": ".join(clauses)
    if len(told) <= _LONG:
        return told
    head, tail = told[:_WHO].rsplit(" ", 1)[0], told[_WHO - _LONG :].split(" ", 1)[-1]
    return f"{head} … {tail}"


def _first(table: Table, message: str) -> Meaning | None:
    return next((meaning for words, meaning in table if re.search(words, message, _I)), None)
