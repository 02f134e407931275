"""Words that good news does not contain, and the phrases that take them back."""

import re

_OMINOUS = re.compile(
    r"out of memory|oom|killed process|no space left|enospc|disk full|quota exceeded|refused|unreachable"
    r"|no route|timed? ?out|reset by peer"
    r"|could not|cannot|can't|unable to|failed|failure|fatal|panic|exception|traceback|segfault|segmentation"
    r"|abort|denied|forbidden|expired"
    r"|exhausted|too many|exceeded|no such host|name resolution|not resolve|not known|unauthorized|corrupt"
    r"|deadlock|invalid|missing|not set"
    r"|unhealthy|crash|exited|slots are reserved|emfile|broken pipe|x509|certificate|unknown directive"
    r"|not available|limit of size|allocate memory|unavailable|throttl|rate.?limit|too fast"
    r"|slow ?(?:query|sql|down)|is locked"
    r"|no more connection|pool is full|connections reached|(?:live|healthy) upstream|gone away|ECONN|ENOTFOUND"
    r"|EAI_AGAIN"
    r"|misbehaving|host not found|overhead, spent|seconds behind|still waiting for|conflict with recovery",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\b(?:0|no|zero) (?:errors?|failures?|failed)\b|\b(?:errors?|failures?|failed)[=:]\s?0\b|succeeded after"
    r"|recovered|reconnected|retry succeeded"
    r"|simulat|dry[- ]run|\bself[- ]test|health ?check (?:ok|passed)|will (?:be )?retr(?:y|ied) later"
    r"|expected in tests|restored",
    re.IGNORECASE,
)


def ominous(text: str) -> bool:
    """Does it sound like trouble?"""
    return _OMINOUS.search(text) is not None and _TAKEN_BACK.search(text) is None


def taken_back(text: str) -> bool:
    """Does the line itself say that it is over, or was never serious?"""
    return _TAKEN_BACK.search(text) is not None
