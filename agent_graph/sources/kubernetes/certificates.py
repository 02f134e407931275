"""Reads certificates that cert-manager keeps: one that is past its date, or never was, and why there is no new one."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of, of_kind, words_of
from agent_graph.sources.signs import Book, when
from agent_graph.wording import moment

_LIMITED = re.compile(r"\b429\b|rate ?limit|too many (?:certificates|requests|failed|registrations)", re.IGNORECASE)
_STEPS = ("Challenge", "Order", "CertificateRequest")
# What cert-manager puts behind the name of a certificate: a revision, hashes, letters that make no word.
_MADE_UP = r"(?:-(?:\d+|[bcdfghjklmnpqrstvwxz2456789]{5}))*"
# States of orders and challenges that lead to nothing, or to nothing yet.
_STUCK = ("errored", "invalid", "expired", "pending")


def read_certificates(
    book: Book, objects: list[Object], spaces: Collection[str | None], shown: Collection[str], now: datetime
) -> None:
    """Those of these namespaces. `shown`: secrets that the target shows to whoever asks it."""
    for one in of_kind(objects, "Certificate"):
        if namespace_of(one) in spaces:
            mine = _secret(one) in shown
            _read(book, one, _obstacle(one, objects), now, mine=mine)


def spaces_named(objects: list[Object], text: str) -> set[str | None]:
    """Where the certificates are that somebody names: by their secret, or by a name that they speak for."""
    words = set(re.findall(r"[\w*][\w.*-]{3,}", text.lower()))
    return {namespace_of(one) for one in of_kind(objects, "Certificate") if words & _names(one)}


def _names(one: Object) -> set[str]:
    spec = dict_of(one, "spec")
    hosts = [host.lower() for host in [*words_of(spec, "dnsNames"), str(spec.get("commonName") or "")]]
    return {_secret(one).lower(), *(host for host in hosts if "." in host)}


def _read(book: Book, one: Object, obstacle: tuple[str, datetime | None], now: datetime, *, mine: bool) -> None:
    """Past its date is an outage of all who look at it; not ready may be only a renewal under way."""
    name, status = name_of(one), dict_of(one, "status")
    ends, (why, at) = when(status.get("notAfter")), obstacle
    called, because = f"certificate {name} (secret {_secret(one)})", f", and no new one is issued: {why}" if why else ""
    if ends is not None and ends <= now:
        line = f"certificate {name}: notAfter {status.get('notAfter')}, past{because}"
        means = f"{called} has expired at {moment(ends, seconds=False)}{because}"
        book.sign("certificate_expired", "proof", line, subject=name, at=ends, means=means)
    elif why and ends is None:
        line, weight = f"certificate {name}: not issued: {why}", "strong" if mine else "weak"
        category = "rate_limited" if _LIMITED.search(why) else "certificate_expired"
        book.sign(category, weight, line, subject=name, at=at, means=f"{called} could not be issued: {why}")
    elif why:
        book.say(f"certificate {name}: valid until {status.get('notAfter')}, its renewal does not succeed: {why}")
    for condition in list_of(status, "conditions"):
        said = f"{condition.get('reason', '')}: {condition.get('message', '')}"
        line = f"certificate {name}: {condition.get('type')}={condition.get('status')} {said}"
        if condition.get("type") == "Ready" and condition.get("status") == "False" and ends is None and not why:
            means = f"{called} is not ready: {said}"
            book.sign("certificate_expired", "weak", line, subject=name, means=means)
        else:
            book.say(line)


def _obstacle(one: Object, objects: list[Object]) -> tuple[str, datetime | None]:
    """Why it is not issued, and since when: the step that is furthest down knows best; then the issuer, then itself."""
    for kind in _STEPS:
        for step in _steps(one, of_kind(objects, kind), objects):
            if (stuck := _stuck(step))[0]:
                return stuck
    issuer = dict_of(one, "spec", "issuerRef")
    for found in of_kind(objects, "Issuer", "ClusterIssuer"):
        if name_of(found) == issuer.get("name") and (failed := _failed(found, "Ready"))[0]:
            return failed
    return _failed(one, "Issuing")


def _steps(one: Object, found: Sequence[Object], objects: list[Object]) -> list[Object]:
    """Requests made for it; the newest first."""
    here = [step for step in found if namespace_of(step) == namespace_of(one)]
    mine = [step for step in here if _certificate_of(step, objects) == name_of(one)]
    return sorted(mine, key=lambda step: str(dict_of(step, "metadata").get("creationTimestamp")), reverse=True)[:1]


def _certificate_of(step: Object, objects: list[Object]) -> str:
    """For which it was made: as it says, as whoever owns it says, at last as its name does."""
    if said := dict_of(step, "metadata", "annotations").get("cert-manager.io/certificate-name"):
        return str(said)
    for owner in list_of(step, "metadata", "ownerReferences"):
        if owner.get("kind") == "Certificate":
            return str(owner.get("name"))
        if owner.get("kind") in _STEPS[_STEPS.index(step["kind"]) + 1 :]:
            there = [one for one in of_kind(objects, owner["kind"]) if namespace_of(one) == namespace_of(step)]
            above = next((one for one in there if name_of(one) == owner.get("name")), None)
            return _certificate_of(above, objects) if above else _named(str(owner.get("name")), step, objects)
    return _named(name_of(step), step, objects)


def _named(name: str, step: Object, objects: list[Object]) -> str:
    """Whose name it begins with: of `web` and `web-admin` the longer one."""
    there = [one for one in of_kind(objects, "Certificate") if namespace_of(one) == namespace_of(step)]
    names = [name_of(one) for one in there if re.fullmatch(rf"{re.escape(name_of(one))}{_MADE_UP}", name)]
    return max(names, key=len, default="")


def _stuck(step: Object) -> tuple[str, datetime | None]:
    kind, status = str(step.get("kind")).lower(), dict_of(step, "status")
    if status.get("state") in _STUCK and status.get("reason"):
        since = status.get("failureTime") or dict_of(step, "metadata").get("creationTimestamp")
        return f"{kind} {name_of(step)} is {status['state']}: {status['reason']}", when(since)
    for kind_of_failure in ("Ready", "Denied", "InvalidRequest"):
        if (failed := _failed(step, kind_of_failure, bad="False" if kind_of_failure == "Ready" else "True"))[0]:
            return failed
    return "", None


def _failed(one: Object, kind: str, bad: str = "False") -> tuple[str, datetime | None]:
    """A condition that says that it went wrong, not that it is under way."""
    for condition in list_of(one, "status", "conditions"):
        said = str(condition.get("message") or "")
        under_way = condition.get("reason") in ("Pending", "Issued", "Issuing", "DoesNotExist")
        if condition.get("type") == kind and condition.get("status") == bad and said and not under_way:
            what = f"{str(one.get('kind')).lower()} {name_of(one)}: {condition.get('reason', '')}: {said}"
            return what, when(condition.get("lastTransitionTime"))
    return "", None


def _secret(one: Object) -> str:
    return str(dict_of(one, "spec").get("secretName") or name_of(one))
