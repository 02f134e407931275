"""Logs of every process: one line per event, with what is bound to it (incident, job, request), and never a secret."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, cast

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

Format = Literal["console", "json"]
Level = Literal["debug", "info", "warning", "error"]

_SECRET_NAME = re.compile(r"passw|secret|(^|_)token$|authorization|api_?key|cookie|dsn|database_url", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+@")
_BEARER = re.compile(r"\b(Bearer\s+|sb_secret_|sk-)[A-Za-z0-9._~+/=-]{8,}")
_LIBRARIES = ("uvicorn", "uvicorn.error", "uvicorn.access", "procrastinate", "httpx", "sqlalchemy", "asyncio", "docker")
HIDDEN = "[hidden]"


def choose_format(wanted: Literal["auto", "console", "json"]) -> Format:
    """`auto` is the console's form in a terminal and JSON everywhere else."""
    if wanted != "auto":
        return wanted
    return "console" if sys.stdout.isatty() else "json"


def configure_logging(process: str, form: Format, level: str) -> None:
    """Sends our own events and the libraries' to standard output in one form, each line naming the process."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=_render(process, form), foreign_pre_chain=shared)
    )
    # A log line that cannot be written (the reader of a pipe has gone) is no reason for a page of tracebacks.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    quiet = logging.DEBUG if level == "debug" else logging.WARNING
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], True
        library.setLevel(quiet)


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Blanks values whose names say they are secret, passwords in URLs and bearer tokens, however deep they sit."""
    return cast(EventDict, _hide(event))


def _hide(value: Any) -> Any:
    match value:
        case str():
            return _BEARER.sub(lambda found: found[1] + HIDDEN, _URL_PASSWORD.sub(rf"\1{HIDDEN}@", value))
        case Mapping():
            items = cast(Mapping[Any, Any], value).items()
            return {k: HIDDEN if _SECRET_NAME.search(str(k)) and v is not None else _hide(v) for k, v in items}
        case list() | tuple():
            return [_hide(item) for item in cast(list[Any], value)]
        case _:
            return value


def _render(process: str, form: Format) -> list[Processor]:
    def name_process(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"process": process, **event}

    last: list[Processor] = (
        [name_process, structlog.processors.JSONRenderer(serializer=_json)]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), pad_event_to=30)]
    )
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        # A driver's error quotes the connection it failed on: the finished text is looked through once more.
        hide_secrets,
        *last,
    ]


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
