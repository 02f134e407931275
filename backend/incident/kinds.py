"""What kinds of trouble there are: the vocabulary of the analysts, of runbook hooks and of the score."""

from typing import Literal

Category = Literal[
    "app_crash",
    "oom",
    "config_error",
    "dependency_failure",
    "memory_pressure",
    "cpu_throttling",
    "restart_loop",
    "network_error",
    "disk_pressure",
    "unknown",
    "connection_exhaustion",
    "lock_contention",
    "slow_query",
    "replication_lag",
    "certificate_expired",
    "dns_failure",
    "image_pull_error",
    "probe_failure",
    "bad_deploy",
    "scheduling_failure",
    "node_failure",
    "quota_exceeded",
    "rate_limited",
    "permission_denied",
    "healthy",
]
