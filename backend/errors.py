"""One base for everything Nightdesk refuses, and its wire form: RFC 9457 problem documents."""

from typing import Any, ClassVar


class NightdeskError(Exception):
    """Something was refused. Subclasses live beside their owner; the docstring is the message."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"

    def __init__(self, detail: str | None = None, **extra: Any) -> None:
        self.detail = detail or " ".join((type(self).__doc__ or "").split())
        self.extra = extra
        super().__init__(self.detail)

    def problem(self) -> dict[str, Any]:
        """The RFC 9457 document: {"type", "title", "status", "detail", "code", …extra}."""
        title = self.code.replace("_", " ").capitalize()
        head = {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail, "code": self.code}
        return {**head, **self.extra}


class NotFound(NightdeskError):
    """There is nothing here by that id, or it is not yours to see."""

    status, code = 404, "not_found"


class Forbidden(NightdeskError):
    """Your role does not allow this. Ask an admin of the team."""

    status, code = 403, "forbidden"


class Conflict(NightdeskError):
    """This changed while you were looking at it. Reload and decide again."""

    status, code = 409, "conflict"


class Invalid(NightdeskError):
    """The request could not be understood."""

    status, code = 422, "invalid"


class TooLarge(NightdeskError):
    """The request body is larger than this endpoint takes."""

    status, code = 413, "too_large"


class Unavailable(NightdeskError):
    """Something outside Nightdesk did not answer as it should."""

    status, code = 503, "unavailable"

    def __init__(self, detail: str | None = None, *, retryable: bool = True, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retryable = retryable
