"""All signatures. Adding one is its file and its line here."""

from agent_graph.analysts.rules.signatures import (
    app_crash,
    certificate_expired,
    config_error,
    connection_exhaustion,
    dependency_failure,
    disk_pressure,
    dns_failure,
    memory_pressure,
    network_error,
    oom,
    probe_failure,
    restart_loop,
)

SIGNATURES = (
    oom.SIGNATURE,
    disk_pressure.SIGNATURE,
    config_error.SIGNATURE,
    certificate_expired.SIGNATURE,
    dns_failure.SIGNATURE,
    connection_exhaustion.SIGNATURE,
    dependency_failure.SIGNATURE,
    memory_pressure.SIGNATURE,
    app_crash.SIGNATURE,
    restart_loop.SIGNATURE,
    probe_failure.SIGNATURE,
    network_error.SIGNATURE,
)
