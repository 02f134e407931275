"""What follows from what: the symptoms of each cause, whoever reports them."""

from backend.investigation.kinds import Category

_CRASH: frozenset[Category] = frozenset({"app_crash", "restart_loop", "network_error", "probe_failure"})


def _with(more: set[Category]) -> frozenset[Category]:
    return _CRASH | more


# What each cause has as its symptoms, whoever reports it.
EXPLAINS: dict[Category, frozenset[Category]] = {
    "oom": _with({"memory_pressure", "dependency_failure", "bad_deploy"}),
    "image_pull_error": _with({"bad_deploy", "dependency_failure", "rate_limited", "permission_denied", "dns_failure"}),
    "config_error": _with({"bad_deploy"}),
    # Who cannot sign in, is not trusted, or finds no name gets no connection, and the pool waits for one.
    "permission_denied": _with({"bad_deploy", "connection_exhaustion", "dependency_failure"}),
    "quota_exceeded": _with(
        {"scheduling_failure", "bad_deploy", "permission_denied", "connection_exhaustion", "dependency_failure"}
    ),
    "scheduling_failure": _with({"bad_deploy"}),
    # Who waits for a machine that is gone has all its connections waiting.
    "node_failure": _with({"scheduling_failure", "dependency_failure", "connection_exhaustion", "replication_lag"}),
    # Who has no room turns writers away, some as if they asked too often.
    "disk_pressure": _with(
        {"scheduling_failure", "dependency_failure", "config_error", "node_failure", "bad_deploy", "rate_limited"}
    ),
    "memory_pressure": frozenset({"network_error", "cpu_throttling", "probe_failure", "dependency_failure"}),
    "cpu_throttling": frozenset({"probe_failure", "network_error", "restart_loop", "dependency_failure"}),
    "connection_exhaustion": _with({"dependency_failure", "slow_query"}),
    "lock_contention": _with(
        {"connection_exhaustion", "slow_query", "dependency_failure", "bad_deploy", "replication_lag"}
    ),
    # Slow statements make a process late and its probes fail; they do not end it.
    "slow_query": frozenset({"network_error", "probe_failure", "dependency_failure", "bad_deploy", "replication_lag"}),
    "rate_limited": _with({"dependency_failure"}),
    "certificate_expired": _with({"dependency_failure", "connection_exhaustion", "bad_deploy"}),
    "dns_failure": _with({"dependency_failure", "connection_exhaustion"}),
    "dependency_failure": _CRASH,
    "bad_deploy": _with({"memory_pressure", "cpu_throttling"}),
    "app_crash": frozenset({"restart_loop", "network_error", "probe_failure"}),
    "network_error": frozenset({"probe_failure"}),
    "probe_failure": frozenset({"restart_loop"}),
    "restart_loop": frozenset({"network_error"}),
}
