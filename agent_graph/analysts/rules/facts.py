"""What the evidence says, in terms signatures can ask about: containers, log lines, metrics, monitor, alerts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from agent_graph.logs.lines import Level
from agent_graph.logs.literals import may_match
from agent_graph.logs.words import ominous, taken_back
from agent_graph.sources.docker.state import moment
from backend.investigation.kinds import CaseFile, Citation

QUOTE_LIMIT = 400
# What containers are called that do one thing and end.
_ONE_SHOT = re.compile(
    r"(?:^|[-_.])(?:\w*migrat\w*|init\w*|setup|seed\w*|jobs?|backup|cron\w*|one-?shot|bootstrap|fixtures?|provision\w*"
    r"|dump|import\w*|export\w*|batch|prune|cleanup|task|certbot|create-\w+|install\w*|upgrade\w*)(?:$|[-_.])",
    re.IGNORECASE,
)
# A name has a start and an end, so that long runs of letters are read once.
_LABEL = re.compile(r'\b([a-zA-Z_]\w{0,99})="([^"]*)"')
# How long before the last passed check the cause of a failure may have been said: health checks see trouble late.
_BEFORE_LAST_UP = timedelta(minutes=5)


@dataclass(frozen=True)
class LogLine:
    """A line worth looking at, with the evidence it can be quoted from. `speaker`: who said it, if not the target."""

    evidence: str
    text: str
    message: str
    level: Level | None
    at: datetime | None
    count: int
    speaker: str = ""

    @property
    def is_error(self) -> bool:
        """By the level that it gives itself."""
        return self.level in ("error", "fatal")

    @property
    def is_bad(self) -> bool:
        """An error, or it sounds like trouble, whatever its level."""
        return self.is_error or ominous(self.text)

    @property
    def complains(self) -> bool:
        """An error, or it sounds like trouble and is not told as mere information."""
        return self.is_error or (self.level != "info" and ominous(self.text))

    @property
    def is_loud(self) -> bool:
        """An error, or it sounds like trouble and has no level. Healthy systems warn, too."""
        return self.is_error or (self.level is None and ominous(self.text))

    def cite(self, note: str = "") -> Citation:
        """The line as a quote, word for word."""
        return Citation(evidence=self.evidence, quote=self.text[:QUOTE_LIMIT].strip(), note=note)


def quoted(lines: Iterable[LogLine], citations: Sequence[Citation]) -> list[LogLine]:
    """Those of the lines that are cited."""
    cited = {(citation.evidence, citation.quote) for citation in citations}
    return [line for line in lines if (line.evidence, line.cite().quote) in cited]


@dataclass(frozen=True)
class Container:
    """A container's state. `quotes`: its describing lines, by what they start with."""

    evidence: str
    data: dict[str, Any]
    quotes: dict[str, str]

    @property
    def name(self) -> str:
        return str(self.data.get("container", ""))

    @property
    def running(self) -> bool:
        return bool(self.data.get("running"))

    @property
    def exit_code(self) -> int:
        return int(self.data.get("exit_code") or 0)

    @property
    def oom_killed(self) -> bool:
        return bool(self.data.get("oom_killed"))

    @property
    def restarts(self) -> int:
        return int(self.data.get("restart_count") or 0)

    @property
    def health(self) -> str:
        return str(self.data.get("health") or "none")

    @property
    def started_at(self) -> datetime | None:
        return moment(self.data.get("started_at"))

    @property
    def finished_at(self) -> datetime | None:
        return moment(self.data.get("finished_at"))

    @property
    def in_reach(self) -> bool:
        """Do actions go to its engine? Of two engines only one is acted on."""
        return bool(self.data.get("acts", True))

    @property
    def looping(self) -> bool:
        return self.data.get("status") == "restarting" or (self.restarts >= 3 and not self.data.get("renewed"))

    @property
    def finished(self) -> bool:
        """Work with an end, done: it ended well, is not to be started again, and its name or its last line says so."""
        ended = self.data.get("status") == "exited" and not self.exit_code and not self.oom_killed
        once = str(self.data.get("restart_policy") or "no") in ("no", "on-failure")
        return ended and once and (bool(self.data.get("done")) or _ONE_SHOT.search(self.name) is not None)

    def cite(self, what: str, note: str = "") -> Citation:
        """The describing line that starts with `what`."""
        return Citation(evidence=self.evidence, quote=self.quotes.get(what, what), note=note)


@dataclass(frozen=True)
class Metric:
    """A measured series of the target."""

    evidence: str
    role: str
    line: str
    points: list[tuple[float, float]]
    limit: float | None
    change_at: datetime | None

    @property
    def name(self) -> str:
        """What the series is called, without its labels."""
        return self.line.partition(": ")[0].partition("{")[0]

    @cached_property
    def labels(self) -> dict[str, str]:
        """Its labels, as they are told."""
        return dict(_LABEL.findall(self.line.partition("}: ")[0]))

    @property
    def last(self) -> float:
        return self.points[-1][1]

    @property
    def highest(self) -> float:
        return max(value for _, value in self.points)

    @property
    def share(self) -> float | None:
        """The highest value as a share of the limit."""
        return self.highest / self.limit if self.limit else None

    def cite(self, note: str = "") -> Citation:
        """The describing line as a quote."""
        return Citation(evidence=self.evidence, quote=self.line[:QUOTE_LIMIT], note=note)


@dataclass(frozen=True)
class Monitor:
    """What our own monitor measured."""

    evidence: str
    status: str
    failed: int
    checks: int
    latest: list[str]
    down_since: datetime | None
    last_up: datetime | None
    lines: list[str]

    @property
    def down(self) -> bool:
        """Its checks count more than its status, which turns only once enough of them have passed."""
        return self.latest[:1] == ["down"] or (self.status == "down" and not self.up_again)

    @property
    def up_again(self) -> bool:
        return self.failed > 0 and self.latest[:2] == ["up", "up"]

    def find(self, pattern: re.Pattern[str]) -> Citation | None:
        """The newest failed check that matches, as a quote."""
        for line in self.lines:
            if " down" in line and pattern.search(line):
                return Citation(evidence=self.evidence, quote=line)
        return None

    def cite_failure(self) -> Citation | None:
        """The newest failed check."""
        return next((Citation(evidence=self.evidence, quote=line) for line in self.lines if " down" in line), None)


@dataclass(frozen=True)
class Sign:
    """A line of a platform's state with its meaning, as the source that read the state understood it.

    `used`: it only says that more of something is used than before.
    """

    evidence: str
    source: str
    category: str
    weight: str
    quote: str
    subject: str
    at: datetime | None
    means: str
    used: bool = False

    def cite(self, note: str = "") -> Citation:
        """The line as a quote."""
        return Citation(evidence=self.evidence, quote=self.quote[:QUOTE_LIMIT], note=note)


@dataclass(frozen=True)
class Facts:
    """Everything at once. `around`: lines of other streams. `platform`: what orchestrator and server know, by name.

    `changes`: what was registered as changed, whatever it was. `requests`: who asked for what, by access log.
    `heard_since`, `heard_until`: when the logs that were read begin, and their last line. `usual`: what was left out of
    `lines`, for it is always said. `known`: who is there besides, by name.
    """

    case: CaseFile
    lines: list[LogLine] = field(default_factory=list[LogLine])
    containers: list[Container] = field(default_factory=list[Container])
    metrics: list[Metric] = field(default_factory=list[Metric])
    monitor: Monitor | None = None
    events: list[LogLine] = field(default_factory=list[LogLine])
    absent: Citation | None = None
    log_evidence: int = 0
    around: list[LogLine] = field(default_factory=list[LogLine])
    signs: list[Sign] = field(default_factory=list[Sign])
    platform: dict[str, Any] = field(default_factory=dict[str, Any])
    scope: frozenset[str] = frozenset()
    alert: Citation | None = None
    changes: list[LogLine] = field(default_factory=list[LogLine])
    requests: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    heard_since: datetime | None = None
    heard_until: datetime | None = None
    usual: list[LogLine] = field(default_factory=list[LogLine])
    known: frozenset[str] = frozenset()

    def signs_of(self, category: str, *weights: str) -> list[Sign]:
        """Its signs, the weightiest first."""
        order = {"proof": 0, "strong": 1, "weak": 2}
        found = [s for s in self.signs if s.category == category and (not weights or s.weight in weights)]
        return sorted(found, key=lambda s: order.get(s.weight, 3))

    @property
    def target(self) -> Container | None:
        """The container the incident is about; the sickest where there are several."""
        mine = [c for c in self.containers if c.data.get("of_target")]
        return min(mine, key=lambda c: (c.running and c.health != "unhealthy", not c.oom_killed), default=None)

    def metric(self, role: str) -> Metric | None:
        return next((m for m in self.metrics if m.role == role), None)

    def matching_levels(self, *levels: Level) -> list[LogLine]:
        """Lines of these levels that are meant, in the order they stand."""
        return [line for line in self.lines if line.level in levels and not taken_back(line.text)]

    def matching(self, pattern: re.Pattern[str], *, any_level: bool = False) -> list[LogLine]:
        """Lines that match and are meant as trouble, in the order of their time.

        What was said well before a check last passed belongs to an earlier trouble.
        """
        well = self.monitor.last_up if self.monitor is not None and self.monitor.down else None
        may = may_match(pattern)
        found = [
            line
            for line in self.lines
            if (well is None or line.at is None or line.at >= well - _BEFORE_LAST_UP)
            and (any_level or line.level not in ("info", "debug"))
            and may(line.text)
            and pattern.search(line.text)
            and not taken_back(line.text)
        ]
        return sorted(found, key=lambda line: (line.at is None, line.at or datetime.min.replace(tzinfo=UTC)))
