"""Which of the answers that are counted failed, by their labels: codes of HTTP and gRPC, flags of proxies, words."""

import re
from collections.abc import Sequence

from agent_graph.sources.measure import now
from agent_graph.sources.series import Series

# Labels that tell kinds of answers apart; the others tell who was answered, or by whom.
OF_KINDS = re.compile(r"code|status|mode|rcode|result|reason|outcome|class|grpc|flags|state|le$|error", re.IGNORECASE)
# Of what one asks, so many are its outage.
_MUCH_OF_A_PART = 0.2

_NAMED = "error|failed|failure|ERROR|FAILED|FAILURE|SERVER_ERROR"
_WORDS = rf"=(?:5(?:\d\d|xx)?|5XX|{_NAMED}|Unavailable|Internal|DeadlineExceeded|UF|UH)(?: |$)"
# What of gRPC's codes is the server's fault, as Go, Java and Envoy write them.
_CODES = "ResourceExhausted|DataLoss|RESOURCE_EXHAUSTED|DATA_LOSS|UNAVAILABLE|INTERNAL|DEADLINE_EXCEEDED"
_NUMBERS = "Unknown|UNKNOWN|[248]|1[345]"
_FAILED = re.compile(rf"{_WORDS}|(?:code|status)\w*=(?:{_CODES})(?: |$)|grpc_(?:code|status)\w*=(?:{_NUMBERS})(?: |$)")


def failed(said: str) -> bool:
    """Of a series' name with those labels that tell kinds of answers apart."""
    return _FAILED.search(said) is not None


def fails_its_part(series: Series, group: Sequence[Series]) -> bool:
    """Is it much of what one tenant, zone or replica is answered, however little of all? Sums hide that."""
    part = _part(series)
    own = [now(one) for one in group if _part(one) == part]
    return any(_part(one) != part for one in group) and now(series) >= _MUCH_OF_A_PART * sum(own) > 0


def _part(series: Series) -> dict[str, str]:
    return {key: value for key, value in series.labels.items() if key != "__name__" and not OF_KINDS.search(key)}
