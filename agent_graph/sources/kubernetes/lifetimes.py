"""Did a run end because it had lived for as long as its own command sets it to? Workers are renewed like that."""

from agent_graph.sources.kubernetes.objects import Object, list_of, number_of, words_of
from agent_graph.sources.lifetimes import Life, lives_in
from agent_graph.sources.signs import when


def lived_as_set(spec: Object, end: Object) -> Life | None:
    """How long it was set to live, where it ended well by itself after just that time."""
    began, ended = when(end.get("startedAt")), when(end.get("finishedAt"))
    if began is None or ended is None or number_of(end.get("exitCode")) or end.get("reason") != "Completed":
        return None
    told = [*words_of(spec, "command"), *words_of(spec, "args")]
    told += [f"{one.get('name')}={one.get('value')}" for one in list_of(spec, "env") if one.get("value")]
    return next((one for one in lives_in(told) if one.fits(ended - began)), None)
