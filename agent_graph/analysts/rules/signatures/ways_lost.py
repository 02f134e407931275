"""network_error where the target only hears no more: its machine's own ways to and from containers were lost."""

import re
from datetime import UTC, datetime, timedelta

from agent_graph.analysts.rules.context.ways import changed_ways, just_before
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import log_citations, name, said_of, trouble_signals

# A container engine whose chains somebody took away: a firewall that was loaded anew knows nothing of them.
_CHAINS = re.compile(
    r"no chain/target/match by that name|driver failed programming external connectivity"
    r"|(?:iptables|nft)[^.]{0,200}(?:chain|table)\b.{0,80}(?:does not exist|not found|no such file)",
    re.IGNORECASE,
)
_UNHEARD = re.compile(r"i/o timeout|timed? ?out|ETIMEDOUT|no route to host|network is unreachable", re.IGNORECASE)
_BEFORE, _SAME_TIME = timedelta(minutes=2), timedelta(minutes=5)


def ways_lost(facts: Facts) -> Finding | None:
    """It runs and is not reached; the engine misses its chains, or a neighbour hears nothing since the way changed."""
    signals = trouble_signals(facts)
    seen = [s.at for s in facts.signs_of("trouble", "strong") if s.at and s.source == "prometheus"]
    seen += [facts.monitor.down_since] if facts.monitor and facts.monitor.down and facts.monitor.down_since else []
    if not signals or not seen or facts.target is None or not facts.target.running or facts.target.looping:
        return None
    onset = min(seen)
    made = changed_ways(facts, onset)
    engine = _first([line for line in _since(facts, onset) if _CHAINS.search(line.text)])
    deaf = _first([line for line in _since(facts, onset) if _is_deaf(line, onset)]) if made else []
    if not engine and not deaf:
        return None
    told = (engine or deaf)[0]
    what = f"it runs and is not reached; {told.speaker or 'its machine'} says: {said_of(told, _CHAINS, 300)}"
    return Finding(
        category="network_error",
        statement=f"Connections to or from {name(facts)} fail: {what}{just_before([], made)}.",
        supporting=[
            *log_citations([*engine, *deaf]),
            *(line.cite("changed just before connections failed") for line in made),
            *signals[:3],
        ],
        strength="strong",
        onset=onset,
        disproof="Let the engine make its chains anew (restart it): if it is still not reached, they were not missing.",
        explains=frozenset({"dependency_failure", "probe_failure"}),
        rooted=True,
    )


def _since(facts: Facts, onset: datetime) -> list[LogLine]:
    return [line for line in facts.around if line.at and line.at >= onset - _BEFORE]


def _is_deaf(line: LogLine, onset: datetime) -> bool:
    return bool(line.complains and line.at and line.at <= onset + _SAME_TIME and _UNHEARD.search(line.text))


def _first(lines: list[LogLine]) -> list[LogLine]:
    return sorted(lines, key=lambda line: line.at or datetime.max.replace(tzinfo=UTC))[:1]
