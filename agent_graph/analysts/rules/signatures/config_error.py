"""config_error: it was told something it cannot work with."""

import re

from agent_graph.analysts.rules.context.updated import updates
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from agent_graph.analysts.rules.signatures.emptied import emptied
from agent_graph.analysts.rules.signatures.held_back import held_back
from agent_graph.analysts.rules.signatures.injected import injected
from agent_graph.analysts.rules.signatures.moved_ways import moved
from agent_graph.analysts.rules.signatures.new_port import new_port
from agent_graph.analysts.rules.signatures.other_name import other_name
from agent_graph.analysts.rules.signatures.patience import out_of_patience
from agent_graph.analysts.rules.signatures.protocols import protocols_differ
from agent_graph.analysts.rules.signatures.secrets_differ import secrets_differ
from agent_graph.analysts.rules.signatures.set_elsewhere import set_elsewhere
from agent_graph.analysts.rules.signatures.set_lower import set_lower
from agent_graph.analysts.rules.signatures.too_large import too_large
from agent_graph.analysts.rules.signatures.unknown_value import unknown_value
from agent_graph.sources.runtime_errors import of_start
from backend.investigation.kinds import Citation

_WORDS = re.compile(
    r"(?:invalid|bad|malformed|broken|illegal|unknown|missing|unsupported|unrecogni[sz]ed) (?:config\w*"
    r"|setting|option|directive|argument|flag"
    r"|parameter|environment|env\b|value for|key in)|config(?!ured to)\w*(?: file)? .{0,80}(?:invalid|error|failed"
    r"|missing|not found|cannot|could not|not valid)"
    r"|(?:parse|parsing|syntax|load|loading|read|reading) .{0,40}(?:config\w*|settings|\.ya?ml|\.toml|\.ini"
    r"|\.conf|\.env)\b"
    r"|(?:\.ya?ml|\.toml|\.ini|\.conf|\.cfg|config\.json)\b.{0,60}(?:line \d+|error(?! running\b)|invalid"
    r"|no such file|not found)"
    r"|(?:environment variable|env var|setting|required key)s? .{0,60}(?:not set|is required|missing"
    r"|undefined|must be set|unset|not defined)"
    r"|missing (?:required )?(?:environment|env|config|setting)|must be set\b|unknown directive"
    r"|(?:unable|failed|cannot|not able|could not) (?:to )?(?:be )?configur|no (?:server )?certificate was specified"
    r"|could not resolve placeholder|ConfigurationError|ImproperlyConfigured|address already in use"
    r"|port is already allocated"
    r"|ConfigError|InvalidConfig|(?-i:KeyError: '[A-Z][A-Z0-9_]{3,}')|error in config|unexpected (?:key"
    r"|property) .{0,40}config"
    # Files that are not read because others than their owner might write them: cron, ssh, sudo, logrotate, MySQL.
    r"|\bINSECURE MODE\b|WRONG FILE OWNER|bad owner(?:ship)? or (?:permissions|modes)"
    r"|permissions? (?:\d+ for|on) .{1,200} (?:are|is) too open"
    r"|(?:world|group|other)[- ]?writable.{0,60}(?:ignor|skip|refus|not )|ignoring .{1,200}\bwritable"
    # Two that speak to each other, of which one was made newer.
    r"|\bversion [\w.]{1,20} (?:is|are) too (?:old|new)|minimum supported (?:\w+ )?version"
    r"|unsupported (?:protocol|api) version|\b(?:server|client|protocol|schema|api|driver) version mismatch"
    r"|\bdatabase files are incompatible with server"
    r"|(?:ensure|make sure) .{1,100}\b(?:label|annotation|flag|setting|option|config\w*|variable|parameter)\b"
    # What it was told to run, to listen on, to trust and to find does not fit where it runs.
    r"|exec format error|executable file not found|: command not found|EADDRINUSE"
    r"|yaml: (?:line \d+|unmarshal)|did not find expected|certificate signed by unknown authority|SELF_SIGNED_CERT"
    r"|unable to find valid certification path|UNABLE_TO_(?:VERIFY|GET_ISSUER)|certificate is valid for .{1,200}, not "
    r"|(?:hostname|name) (?:mismatch|doesn.t match).{0,40}certificate|IP address mismatch"
    # What it asks others for was taken back, and they say so.
    r"|model_not_found|unsupported_api_version|\b410 Gone\b"
    r"|\b(?:model|api|version|endpoint|operation|method|resource|sku|plan)\b.{0,80}"
    r"\b(?:has|have|was|were|is|are) (?:been )?(?:deprecated, |retired|discontinued|decommissioned|sunset|shut ?down"
    r"|no longer (?:available|supported|served))"
    r"|\b(?:endpoint|api(?: version)?|url|host(?:name)?) (?:is |was |has been )?(?:retired|sunset"
    r"|decommissioned|discontinued|no longer (?:available|supported|served))"
    r"|(?:column|relation) .{1,80} does not exist|Unknown column|no such (?:table|column)"
    # What it asks a store for is not there, or not as it asks; and what a server was set to have too little of.
    r"|NoSuchBucket|specified bucket does not exist|AuthorizationHeaderMalformed|InvalidObjectState"
    r"|database [\"'`]?[\w.-]{1,80}[\"'`]? does not exist|no such index|ERR unknown command"
    r"|extension .{1,80} is not available"
    r"|FetchPosition.{0,120} is out of range|OffsetOutOfRange"
    r"|UNKNOWN_TOPIC_OR_PARTITION|plugin '\w+' is not loaded|increase \W?max_locks_per_transaction",
    re.IGNORECASE,
)
_SCHEMA = re.compile(
    r"(?:column|relation) .{1,80} does not exist|Unknown column|no such (?:table|column)|ERR unknown command",
    re.IGNORECASE,
)
_CODES = {78, 126, 127}


def match(facts: Facts) -> Finding | None:
    """Its complaint about configuration, or an exit code that means it could not even start."""
    container = facts.target
    lines = facts.matching(_WORDS)
    if facts.signs_of("bad_deploy", "strong") or any(updates(facts)):
        # Code that is ahead of its schema, or of what its store can do, came with the release.
        lines = [line for line in lines if not _SCHEMA.search(line.text)]
    lines = lines or too_large(facts)
    unstartable = _unstartable(facts)
    if not lines and not unstartable:
        set_wrong = (
            injected(facts) or moved(facts) or new_port(facts) or protocols_differ(facts) or out_of_patience(facts)
        )
        set_wrong = set_wrong or other_name(facts) or unknown_value(facts)
        set_wrong = set_wrong or secrets_differ(facts) or held_back(facts) or _of_config(emptied(facts))
        return set_wrong or set_lower(facts) or set_elsewhere(facts)
    signals = trouble_signals(facts)
    code = container.exit_code if container else 0
    what = said(lines[0]) if lines else f"exit code {code}, the command cannot be started as configured"
    return Finding(
        category="config_error",
        statement=f"{name(facts)} does not work with its configuration: {what}.",
        supporting=[*(log_citations(lines) if lines else []), *unstartable, *signals],
        strength="strong" if unstartable or signals else "weak",
        onset=first_at(lines) or (container.finished_at if container else None),
        disproof="Compare with the last configuration that worked; no difference would rule it out.",
    )


def _of_config(finding: Finding | None) -> Finding | None:
    """Finding nothing is a matter of settings only where what it reads from was changed."""
    return finding if finding is not None and finding.category == "config_error" else None


def _unstartable(facts: Facts) -> list[Citation]:
    container = facts.target
    if container is None or container.running:
        return []
    if container.exit_code in _CODES:
        return [container.cite("status", "it could not be started")]
    error = str(container.data.get("error") or "")
    meant = of_start(error)
    told = bool(error) and not container.oom_killed and (meant is None or meant[0] == "config_error")
    return [container.cite("engine error")] if told else []


SIGNATURE = Signature(
    "config_error", "a complaint about configuration, or exit code 78, 126, 127", ("app_crash",), match
)
