"""How a person does each remedy without Nightdesk: a line to paste, whatever its arguments say."""

import re
import shlex
from typing import Any

import pytest

from backend.action.kinds import CATALOGUE

POD = {"namespace": "shop", "name": "web"}
EVIL = "o'; DROP TABLE x; --"

CASES: dict[str, tuple[dict[str, Any], str]] = {
    "docker.restart_container": ({"container": "web"}, "docker restart -t 10 web"),
    "docker.start_container": ({"container": "web"}, "docker start web"),
    "docker.stop_container": ({"container": "web", "stop_timeout_seconds": 3}, "docker stop -t 3 web"),
    "docker.rollback_container": (
        {"container": "web", "image": "shop/web:1.2"},
        "docker pull shop/web:1.2, then name this image where web is defined, and docker compose up -d",
    ),
    "docker.update_limits": ({"container": "web", "cpus": 1.5}, "docker update --cpus 1.5 web"),
    "docker.prune": ({"what": "build_cache"}, "docker builder prune --filter until=24h"),
    "kubernetes.rollout_restart": (POD, "kubectl -n shop rollout restart deployment/web"),
    "kubernetes.rollback_deployment": (
        {"namespace": "shop", "deployment": "web", "to_revision": 7},
        "kubectl -n shop rollout undo deployment/web --to-revision=7",
    ),
    "kubernetes.scale_deployment": (
        {"namespace": "shop", "deployment": "web", "replicas": 4},
        "kubectl -n shop scale deployment/web --replicas=4",
    ),
    "kubernetes.delete_pod": ({"namespace": "shop", "pod": "web-0"}, "kubectl -n shop delete pod web-0"),
    "kubernetes.patch_resources": (
        {**POD, "container": "app", "memory_limit": "512Mi", "cpu_limit": "500m"},
        "kubectl -n shop set resources deployment/web -c app --limits=memory=512Mi,cpu=500m",
    ),
    "kubernetes.cordon_node": ({"node": "n1"}, "kubectl cordon n1"),
    "kubernetes.uncordon_node": ({"node": "n1"}, "kubectl uncordon n1"),
    "kubernetes.suspend_cronjob": (
        {"namespace": "shop", "cronjob": "nightly"},
        """kubectl -n shop patch cronjob nightly -p '{"spec":{"suspend":true}}'""",
    ),
    "kubernetes.resume_cronjob": (
        {"namespace": "shop", "cronjob": "nightly"},
        """kubectl -n shop patch cronjob nightly -p '{"spec":{"suspend":false}}'""",
    ),
    "postgres.cancel_query": ({"pid": 42}, "SELECT pg_cancel_backend(42);"),
    "postgres.terminate_backend": ({"pid": 42}, "SELECT pg_terminate_backend(42);"),
    "postgres.terminate_idle_in_transaction": (
        {"database": EVIL, "older_than_seconds": 1066},
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'o''; DROP TABLE x; --' AND state LIKE"
        " 'idle in transaction%' AND state_change < now() - interval '1066 seconds';",
    ),
    "postgres.analyze_table": ({"table": 'a"b'}, 'ANALYZE "public"."a""b";'),
    "postgres.vacuum_table": ({"table": "orders"}, 'VACUUM "public"."orders";'),
    "postgres.reindex": ({"index": "orders_pkey"}, 'REINDEX INDEX CONCURRENTLY "public"."orders_pkey";'),
    "postgres.set_connection_limit": ({"role": "app", "connections": 20}, 'ALTER ROLE "app" CONNECTION LIMIT 20;'),
    "runbook.call_hook": (
        {"hook": "restart $(id)", "arguments": {"who": "it's"}},
        "send the request of the hook 'restart $(id)' with the arguments " + shlex.quote('{"who": "it\'s"}'),
    ),
}


def test_every_kind_has_a_line_and_a_case():
    assert sorted(CASES) == sorted(CATALOGUE)


@pytest.mark.parametrize("kind", sorted(CATALOGUE))
def test_the_line_does_what_the_kind_would_and_is_one_line(kind: str):
    params, line = CASES[kind]
    told = CATALOGUE[kind].command(CATALOGUE[kind].params.model_validate(params))
    assert told == line
    assert "\n" not in told
    assert not re.search(r"\{\w+\}|None|\[", told)


def test_what_is_not_given_is_left_out_and_a_backslash_means_itself():
    undo = CATALOGUE["kubernetes.rollback_deployment"]
    assert undo.command(undo.params.model_validate({"namespace": "shop", "deployment": "web"})).endswith(
        "deployment/web"
    )
    idle = CATALOGUE["postgres.terminate_idle_in_transaction"]
    odd = idle.command(idle.params.model_validate({"database": "a\\'b", "older_than_seconds": 10}))
    assert "datname = E'a\\\\''b' AND" in odd
