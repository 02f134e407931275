"""Deploys, configuration changes and platform events: who changed what just before the trouble."""

import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import httpx

from agent_graph.deps import Ask, Source, Tool
from agent_graph.sources.dates import days_of
from agent_graph.sources.signs import Book, Weight, aliases, belongs, when
from agent_graph.wording import clock, moment
from backend.investigation.kinds import AlertFact, CaseFile, ChangeFact, Evidence
from backend.settings import Settings

NAME = "changes"
_DEPLOY = re.compile(r"deploy|release|rollout|image|version|upgrade|build", re.IGNORECASE)
# Who brings to a cluster what is written down elsewhere brings a release where another version is told, else a setting.
_BRINGS = re.compile(r"git-?ops|\bargo|\bflux|\bhelm|kustomiz|canary|promot|\bsync|\bcompose\b", re.IGNORECASE)
_VERSIONS = re.compile(r"\bv?\d+(?:\.\d+)+[\w.+-]* ?(?:->|→|=>|\bto\b) ?v?\d+(?:\.\d+)+")
_OTHERWISE = re.compile(r"->|→|=>")
_CHANGE = re.compile(r"config|flag|secret|setting|migration|scale|feature|env", re.IGNORECASE)
_UNDONE = re.compile(r"roll(?:ed)?[- ]?back|revert|undo", re.IGNORECASE)
# Somebody said beforehand that it would not be there: until then, or for good.
_PLANNED = re.compile(
    r"planned|announce|maintenance (?:window|mode)|scheduled (?:down|maint)|decommission|retire|for good|scrapped"
    r"|game ?day|\bdrill\b|failover test|switchover",
    re.IGNORECASE,
)
# A commit's message may speak of plans and announcements, too; a deploy is a deploy.
_ANNOUNCING = re.compile(
    r"maintenance|announce|infrastructure|other|plan|chaos|game|drill|downtime|event|platform|upgrade|patch"
    r"|calendar|notice",
    re.IGNORECASE,
)
# A request to change something announces an end, where it is one; whatever else it asks for is a change.
_REQUEST, _FAREWELL = (
    re.compile(
        r"^(?:change[- _]?(?:request|ticket|order)|rfc|ticket|decommission\w*|removal|retirement)$", re.IGNORECASE
    ),
    re.compile(r"decommission|\bretir(?:e|es|ing|ement)\b|for good|scrapped", re.IGNORECASE),
)
# Work that takes machines away one by one is announced by the hours that it may take.
_ROLLING = re.compile(r"upgrad|patch|re-?boot|re-?image|drain|replac|rotat|recycl|rolling", re.IGNORECASE)
# A restart that somebody's change to its settings brought about is that change.
_RELOADED = re.compile(
    r"\b(?:because|after|due to|since|on|reason:?)\b.{0,40}\b(?:config\w*|secret|settings?|env\w*|values)\b"
    r".{0,60}\b(?:chang|updat|edit|written|modif)",
    re.IGNORECASE,
)
# A file of settings bears its owner's name.
_FILE = re.compile(r"\.(?:env|conf|cfg|cnf|ini|ya?ml|toml|json|properties|service)$", re.IGNORECASE)
# Labels of alerts that name what the target is a part of, and the machine that it is on, with the port of who tells.
_WHOLE, _MACHINE = ("cluster", "scope", "service", "app"), ("instance", "host", "hostname", "node", "nodename")
# The first part of a machine's full name is its own; these are what many are called.
_FULL = re.compile(
    r"(?!(?:www|mail|api|app|web|dev|test)\.)([a-z][a-z0-9-]{2,})\.[a-z][\w.-]*[a-z](?::\d+)?", re.IGNORECASE
)
# Who tells of others from a machine of its own, and labels of what a platform places: those alerts name no machine.
_TELLER = re.compile(r"blackbox|kube-?state|prob(?:e|er|ing)\b|snmp|ipmi|statsd|push-?gateway", re.IGNORECASE)
_PLACED = ("namespace", "pod", "exported_namespace", "exported_pod")
_WINDOW = re.compile(r"\b(\d\d):([0-5]\d)(?: ?Z| UTC)? ?(?:-|–|to|until|bis) ?(\d\d):([0-5]\d)")
_MOMENT = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)\b")
# Gone for good from a moment on, and which of them: web-1..3 (10.0.0.1-3) will be deleted.
_FOR_GOOD = (
    r"(?:[.\d–-]{0,8}|\.[a-z][\w.-]{0,60})(?: \([^)]{1,60}\))? (?:will be|(?:is|are) to be|get|gets)"
    r" (?:delet|remov|destroy|decommission|retir)"
)
# Cluster and pool, behind whose they are; and labels of alerts that name the pool of a machine.
_CLUSTERS_POOL, _PROVIDER = 2, re.compile(r"aks|eks|gke|doks|oke|k8s|kubernetes|node-?(?:pools?|groups?)")
_POOL = re.compile(r"pool|node_?group|machine_?set|\bmig\b", re.IGNORECASE)
_A_DAY = timedelta(days=1)
_ANNOUNCED_BEFORE, _WINDING_UP = timedelta(days=7), timedelta(minutes=5)
_PLANNED_FOR = timedelta(hours=4)
_BEFORE, _AFTER = timedelta(minutes=60), timedelta(minutes=3)


class ChangesSource:
    """Reads the case file; nothing outside is asked. What a platform knows of a rollout, its own source tells."""

    name = NAME
    tools: Sequence[Tool] = ()

    def first(self, case: CaseFile) -> list[Ask]:
        """Only where somebody registered one."""
        return [Ask(source=NAME, what="changes")] if case.changes else []

    def wider(self, case: CaseFile) -> list[Ask]:
        """There is no more to see."""
        return []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """One piece of evidence for all of them."""
        query = (
            f"changes registered from {moment(min(c.at for c in case.changes), seconds=False)} on"
            if case.changes
            else ""
        )
        return evidence_of(case, [_row(change) for change in case.changes], query)


def _row(change: ChangeFact) -> dict[str, Any]:
    about = ", ".join(part for part in (change.ref, change.by and f"by {change.by}", change.url) if part)
    summary = f"{change.summary} ({about})" if about else change.summary
    return {"ts": change.at.isoformat(), "kind": change.kind, "target": change.target, "summary": summary}


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """Always there."""
    return ChangesSource()


def evidence_of(case: CaseFile, rows: Sequence[dict[str, Any]], query: str) -> list[Evidence]:
    """One piece of evidence for all changes; a deploy of the target just before the trouble is a sign."""
    book = Book()
    for row in sorted(rows, key=lambda r: str(r.get("ts"))):
        _read(book, row, case)
    if not book.lines:
        return []
    return [
        Evidence(
            source=NAME,
            kind="history",
            title="Recent changes",
            query=query,
            window_end=case.now,
            summary=f"{len(book.lines)} changes.",
            content=book.content(),
            data=book.data(),
        )
    ]


def _read(book: Book, row: dict[str, Any], case: CaseFile) -> None:
    at, kind = when(row.get("ts") or row.get("at")), str(row.get("kind") or "change")
    target, summary = str(row.get("target") or ""), str(row.get("summary") or "")
    line = f"{at:%Y-%m-%dT%H:%M:%SZ} {kind} {target}: {summary}" if at else f"{kind} {target}: {summary}"
    known = aliases(case)
    mine = any(belongs(_FILE.sub("", part), known) for part in re.split(r"[/\s:@,]+", target) if part) or not target
    mine = mine and not _on_another_host(f"{target} {summary}", case.target.server_name)
    in_time = at is not None and case.started_at - _BEFORE <= at <= case.started_at + _AFTER
    brings = _BRINGS.search(kind) is not None
    brought = brings and _VERSIONS.search(summary) is not None
    what = f"release ({kind})" if brought else kind
    means = f"{what} of {target} at {clock(at)}: {summary}" if at else summary
    if (
        at is not None
        and (_ANNOUNCING.search(kind) or (_REQUEST.search(kind) and _FAREWELL.search(summary)))
        and (sure := _planned(case, at, target, f"{kind} {summary}", known, mine=mine))
    ):
        book.sign("planned", sure, line, subject=target, at=at, means=f"{summary or kind}, announced for {target}")
    elif at is not None and at > case.started_at and _UNDONE.search(f"{kind} {summary}") and mine:
        book.sign("trouble_over", "weak", line, subject=target, at=at, means=means)
    elif mine and in_time and (brought or _DEPLOY.search(kind)):
        book.facts.setdefault("deploys", []).append(line)
        book.sign("bad_deploy", "strong", line, subject=target, at=at, means=means)
    elif mine and in_time and (_CHANGE.search(f"{kind} {summary}") or (brings and _OTHERWISE.search(summary))):
        sure = brings or "config" in kind.lower() or _RELOADED.search(summary) is not None
        book.sign("bad_deploy", "strong" if sure else "weak", line, subject=target, at=at, means=means)
    else:
        book.say(line)
        window = _WINDOW.search(summary)
        announced = _ANNOUNCING.search(kind) and (_PLANNED.search(summary) or "maintenance" in kind.lower())
        if at is not None and announced and window and _in_force(case, at, summary, window):
            book.facts.setdefault("away", []).append({"name": target, "line": line})


def _on_another_host(text: str, host: str | None) -> bool:
    """Does it name machines of the same family as ours (web-2 for web-3), and ours not?"""
    if not host or not re.search(r"\d", host):
        return False
    words = {word.strip(".,;:()").split(".")[0].lower() for word in text.split()}
    ours = host.split(".")[0].split(":")[0].lower()
    family = re.compile(re.sub(r"\d+", r"\\d+", re.escape(ours)))
    return ours not in words and any(family.fullmatch(word) for word in words)


def _machines(case: CaseFile) -> set[str]:
    """What the machine that it is about is called, by its own first name and in full; all alerts must mean the same."""
    told = [alert.labels[key] for alert in case.alerts for key in _keys(case, alert) if alert.labels.get(key)]
    of_alerts = {one.partition(":")[0].lower() for one in told}
    whole = {case.target.name.lower(), *(of_alerts if len(of_alerts) == 1 else ())}
    return whole | {full[1] for one in whole if (full := _FULL.fullmatch(one))}


def _keys(case: CaseFile, alert: AlertFact) -> Sequence[str]:
    """Labels of an alert that name the machine of the target. `instance` is who tells of it: its own machine only
    where a machine is the target, the job or the machine is called after it, and it tells of no others."""
    labels, is_host = alert.labels, case.target.source_type == "host"
    others = tuple(key for key in _MACHINE if key != "instance")
    if case.target.namespace or any(labels.get(key) for key in _PLACED):
        return others if is_host else ()
    job, instance = labels.get("job", ""), labels.get("instance", "")
    words, of_target = (set(re.split(r"[\W_]+", one.lower())) for one in (instance, case.target.name))
    own = is_host or job in aliases(case) or of_target <= words
    return _MACHINE if own and not _TELLER.search(f"{job} {instance}") else others


def _planned(case: CaseFile, at: datetime, target: str, text: str, known: list[str], *, mine: bool) -> Weight | None:
    """Was it said that the target, or all around it, would be away? proof: for a time of day that the trouble is in."""
    of_it = mine or target.lower() == (case.target.namespace or "").lower() != ""
    of_it = of_it or _of_its_pool(case, target, known)
    of_it = of_it or any(alert.labels.get(key) == target != "" for alert in case.alerts for key in _WHOLE)
    of_it = of_it or target.lower() in _machines(case)
    said, work = _PLANNED.search(text), "maintenance" in text.lower()
    said = said or (case.target.source_type == "host" and _WINDOW.search(text) and _ROLLING.search(text))
    if not of_it or not (said or work) or case.started_at < at - _AFTER:
        return None
    window = _WINDOW.search(text)
    if window is None and _gone_since(case, text, known):
        return "proof"
    if window is None:
        # Maintenance need not mean that anything is away: then it takes more to be believed.
        return ("strong" if said else "weak") if case.started_at <= at + _PLANNED_FOR else None
    return "proof" if _in_force(case, at, text, window) else None


def _of_its_pool(case: CaseFile, target: str, known: list[str]) -> bool:
    """A pool's machines are called after it: aks/apps → aks-apps-0004. A path may name the cluster, too, as the alert
    does: aks/eu-prod/apps → aks-apps-38127744-vmss000004 in eu-prod."""
    whole = target.lower().replace("/", "-")
    if any(name.lower().startswith(f"{whole}-") for name in known if target):
        return True
    parts = [part for part in target.lower().split("/") if not _PROVIDER.fullmatch(part)]
    if case.target.source_type != "host" or len(parts) < _CLUSTERS_POOL or not all(parts):
        return False
    labels = [(key, value.lower()) for alert in case.alerts for key, value in alert.labels.items()]
    told, pools = {value for _, value in labels}, {value for key, value in labels if _POOL.search(key)}
    rest = [part for part in parts[:-1] if part not in told]
    mine = [name.lower() for name in known if parts[-1] in pools or _is_called_after(name.lower(), parts)]
    return any(all(part in name.split("-") for part in rest) for name in mine)


def _is_called_after(name: str, parts: list[str]) -> bool:
    """Does a machine's name begin with its pool's, behind those of its provider and cluster at most?"""
    provider, _, behind = name.partition("-")
    if _PROVIDER.fullmatch(provider):
        name = behind
        for part in parts[:-1]:
            name = name.removeprefix(f"{part}-")
    return name.startswith(f"{parts[-1]}-")


def _gone_since(case: CaseFile, text: str, known: list[str]) -> bool:
    """Was the target itself to go for good, at a time of a day that is just past?"""
    time, days = _MOMENT.search(text), days_of(text)
    ours = any(re.search(rf"(?<![\w-]){re.escape(one)}(?!\w){_FOR_GOOD}", text, re.IGNORECASE) for one in known)
    if time is None or not ours:
        return False
    today = case.started_at.replace(hour=int(time[1]), minute=int(time[2]), second=0, microsecond=0)
    moments = [at for at in (today, today - _A_DAY) if (at.month, at.day) in days]
    return any(at - _AFTER <= case.started_at <= at + _A_DAY for at in moments)


def _in_force(case: CaseFile, at: datetime, text: str, window: re.Match[str]) -> bool:
    """Did it begin in these hours of these days, and are they not over?"""
    begins, ends = (case.started_at.replace(hour=int(window[n]) % 24, minute=int(window[n + 1])) for n in (1, 3))
    if ends <= begins:
        # Over midnight: it began yesterday, or ends tomorrow.
        after = case.started_at <= ends
        begins, ends = (begins - _A_DAY, ends) if after else (begins, ends + _A_DAY)
    in_time = begins - _AFTER <= case.started_at <= ends and case.now <= ends + _WINDING_UP
    days = days_of(text)
    # What names its days is for no other, however long before it was said.
    today = (begins.month, begins.day) in days if days else case.started_at <= at + _ANNOUNCED_BEFORE
    return in_time and today
