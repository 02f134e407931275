"""Reads certificates that cert-manager keeps: one that is past its date, or that cannot be renewed."""

from datetime import datetime

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of
from agent_graph.sources.signs import Book, when


def read_certificate(book: Book, one: Object, now: datetime) -> None:
    """Past its date is an outage of all who look at it; not ready may be only a renewal under way."""
    name, status = name_of(one), dict_of(one, "status")
    ends = when(status.get("notAfter"))
    secret = dict_of(one, "spec").get("secretName") or name
    if ends is not None and ends <= now:
        line = f"certificate {name}: notAfter {status.get('notAfter')}, past"
        means = f"certificate {name} (secret {secret}) has expired at {ends:%Y-%m-%d %H:%M}"
        book.sign("certificate_expired", "proof", line, subject=name, at=ends, means=means)
    for condition in list_of(status, "conditions"):
        said = f"{condition.get('reason', '')}: {condition.get('message', '')}"
        line = f"certificate {name}: {condition.get('type')}={condition.get('status')} {said}"
        if condition.get("type") == "Ready" and condition.get("status") == "False" and ends is None:
            means = f"certificate {name} (secret {secret}) is not ready: {said}"
            book.sign("certificate_expired", "weak", line, subject=name, means=means)
        else:
            book.say(line)
