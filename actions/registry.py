"""Which runner carries out which kind."""

from collections.abc import Callable

from actions.kinds import NotPossible, Runner, Tools
from actions.runners import docker, hook

RUNNERS: dict[str, Callable[[Tools], Runner]] = {**docker.RUNNERS, **hook.RUNNERS}


def runner_for(kind: str, tools: Tools) -> Runner:
    """The runner of a kind. Raises NotPossible when there is none, or no way to its platform."""
    make = RUNNERS.get(kind)
    if make is None:
        raise NotPossible("Nightdesk cannot carry this out yet; do it by hand.")
    return make(tools)
