"""Which of the answers that are counted failed, by their labels: codes of HTTP and gRPC, flags of proxies, words."""

import re

_NAMED = "error|failed|failure|ERROR|FAILED|FAILURE|SERVER_ERROR"
_WORDS = rf"=(?:5(?:\d\d|xx)?|5XX|{_NAMED}|Unavailable|Internal|DeadlineExceeded|UF|UH)(?: |$)"
# What of gRPC's codes is the server's fault, as Go, Java and Envoy write them.
_CODES = "ResourceExhausted|DataLoss|RESOURCE_EXHAUSTED|DATA_LOSS|UNAVAILABLE|INTERNAL|DEADLINE_EXCEEDED"
_NUMBERS = "Unknown|UNKNOWN|[248]|1[345]"
_FAILED = re.compile(rf"{_WORDS}|(?:code|status)\w*=(?:{_CODES})(?: |$)|grpc_(?:code|status)\w*=(?:{_NUMBERS})(?: |$)")


def failed(said: str) -> bool:
    """Of a series' name with those labels that tell kinds of answers apart."""
    return _FAILED.search(said) is not None
