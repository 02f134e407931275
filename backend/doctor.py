"""Looks at everything Nightdesk depends on: reachable, allowed, and if not, what to do about it."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
import psycopg

from backend import instance
from backend.connection.docker import DEFAULT_SOCKET, EngineAddress, Kind, UnusableDockerHost, engine_name, engines
from backend.connection.kubernetes import KubernetesCluster
from backend.connection.kubernetes import NotReached as ClusterNotReached
from backend.connection.kubernetes_access import UnusableCluster, kubernetes_configured
from backend.connection.kubernetes_rights import examine_rights
from backend.connection.postgres import (
    Look,
    NotAnswered,
    NotReached,
    PostgresTarget,
    UnusablePostgresTarget,
    dial_target,
    postgres_targets,
)
from backend.embedded import cluster, connect, migrate, postgres
from backend.embedded.dial import dial
from backend.embedded.install import wheel_installs
from backend.errors import NightdeskError
from backend.health import RUNNING, SILENT_SECONDS, TROUBLE
from backend.settings import Settings

State = Literal["ok", "unused", "failed"]
TIMEOUT = httpx.Timeout(5)
LEAST_FREE_BYTES = 1_000_000_000
# For all that one of them is asked.
MOST_SECONDS = 15.0


@dataclass(frozen=True)
class Finding:
    """One dependency. `advice` says what to do when it is not ok, or what it would be good for when it is unused."""

    name: str
    state: State
    detail: str
    advice: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order in which one would repair them."""
    local = [_data_directory(settings), _disk(settings), _database(settings), await _instance(settings)]
    told = _told(settings) if local[2].state == "ok" else []
    return [*local, *told, *await sources(settings), *await asyncio.gather(_model(settings), _supabase(settings))]


async def sources(settings: Settings, kept: KubernetesCluster | None = None) -> list[Finding]:
    """What investigations look at. `kept`: the cluster of a process that looks again and again."""
    asked = [
        _soon("kubernetes", _kubernetes(settings, kept)),
        _soon("prometheus", _prometheus(settings)),
        _soon("loki", _loki(settings)),
    ]
    return [*await _engines(settings), *await asyncio.gather(*asked), *await _postgres(settings)]


async def _soon(name: str, work: Awaitable[Finding]) -> Finding:
    """A source may hang although it lets us in: then it is named, and the others are told all the same."""
    try:
        async with asyncio.timeout(MOST_SECONDS):
            return await work
    except TimeoutError:
        return Finding(name, "failed", f"did not answer within {MOST_SECONDS:g} s", "See whether it hangs.")


def _data_directory(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    nearest = _nearest(folder)
    if not os.access(nearest, os.W_OK | os.X_OK):
        advice = "Give it to the account that runs Nightdesk, or choose another with --data-dir."
        return Finding("data directory", "failed", f"{nearest} cannot be written by this account", advice)
    return Finding("data directory", "ok", str(folder))


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(_nearest(settings.data_dir.absolute())).free
    detail = f"{free / 1e9:.1f} GB free"
    if free < LEAST_FREE_BYTES:
        return Finding("disk", "failed", detail, "Free some space: the database stops when the disk is full.")
    return Finding("disk", "ok", detail)


def _nearest(folder: Path) -> Path:
    """The folder, or the first above it that this account sees."""
    return next(path for path in (folder, *folder.parents) if os.path.exists(path))


def _database(settings: Settings) -> Finding:
    try:
        return _external(settings.database_url.get_secret_value()) if settings.database_url else _embedded(settings)
    except (NightdeskError, psycopg.Error) as error:
        advice = "" if settings.database_url else "Start Nightdesk with `nightdesk up`."
        return Finding("database", "failed", str(error).strip().splitlines()[0], advice)


def _embedded(settings: Settings) -> Finding:
    place = cluster.existing(settings.data_dir)
    if place is None:
        found = wheel_installs()
        if not found:
            return Finding("database", "failed", "no PostgreSQL for this machine", "Run `make install`.")
        return Finding("database", "ok", f"PostgreSQL {found[0].major}, to be made at the first start")
    if not postgres.serves(place):
        return Finding("database", "ok", f"PostgreSQL {place.install.major}, not running")
    return _external(place.url())


def _external(url: str) -> Finding:
    with dial(url) as connection:
        version = connection.info.parameter_status("server_version") or "?"
    waiting = len(migrate.pending(url))
    if waiting:
        return Finding("database", "failed", f"{version}, {waiting} migrations to apply", "Run `nightdesk migrate`.")
    return Finding("database", "ok", f"PostgreSQL {version}, up to date")


def _told(settings: Settings) -> list[Finding]:
    """What the running processes say of themselves: they may have other settings than this command."""
    try:
        with dial(connect.database_url(settings)) as connection:
            rows = connection.execute(
                "select distinct component, message from public.system_health"
                " where last_seen > now() - make_interval(secs => %s) and message not in ('', %s) order by 1, 2",
                (SILENT_SECONDS, RUNNING),
            ).fetchall()
    except (NightdeskError, psycopg.Error):
        return []
    advice = "That is what it was started with; below is what this shell and folder are set to."
    return [
        Finding(f"running {component}", "failed" if message.startswith(TROUBLE) else "ok", message, advice)
        for component, message in rows
    ]


async def _instance(settings: Settings) -> Finding:
    try:
        running = instance.read(settings.data_dir)
    except instance.DataDirectoryClosed as error:
        return Finding("nightdesk", "failed", error.detail)
    if running is None:
        advice = "`nightdesk up` starts everything."
        return Finding("nightdesk", "unused", "not running on this data directory", advice)
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT) as http:
            answer = await http.get(f"{running.url}/readyz")
        missing = [] if answer.status_code == 200 else answer.json()["missing"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        return Finding("nightdesk", "failed", f"{running.url}: {error or type(error).__name__}", "Look at its log.")
    if missing:
        return Finding("nightdesk", "failed", "; ".join(missing), "Look at the log of `nightdesk up`.")
    return Finding("nightdesk", "ok", f"ready at {running.url}")


async def _engines(settings: Settings) -> list[Finding]:
    try:
        known = engines(settings)
    except UnusableDockerHost as error:
        return [Finding("docker", "failed", error.detail, "")]
    if not known:
        good_for = "With a Docker or Podman engine Nightdesk reads containers; see DOCKER_HOST and PODMAN_HOST."
        return [Finding("docker", "unused", f"no {DEFAULT_SOCKET}", good_for)]
    return list(await asyncio.gather(*(_soon(kind, _engine(settings, kind, address)) for kind, address in known)))


def engine_advice(settings: Settings, kind: Kind) -> str:
    """What to do when an engine does not answer."""
    told = settings.docker_host if kind == "docker" else settings.podman_host
    # What is not set cannot be corrected.
    return f"Start the engine, or {'set' if told is None else 'correct'} {kind.upper()}_HOST."


async def _engine(settings: Settings, kind: Kind, address: EngineAddress) -> Finding:
    advice = engine_advice(settings, kind)
    if not address.is_there():
        return Finding(kind, "failed", f"no {address.socket}", advice)
    if address.socket and not os.access(address.socket, os.R_OK | os.W_OK):
        advice = f"Add the account that runs Nightdesk to the group of the socket ({_group(address.socket)})."
        return Finding(kind, "failed", f"{address.socket} may not be used by this account", advice)
    transport = httpx.AsyncHTTPTransport(uds=str(address.socket)) if address.socket else None

    def told(headers: Mapping[str, str]) -> str:
        return f"{engine_name(headers)} at {address.socket or address.base_url}"

    where = None if address.socket is None else str(address.socket)
    return await _ask(kind, f"{address.base_url}/_ping", advice, transport, told=told, where=where)


def _group(path: Path) -> str:
    try:
        return path.group()
    except KeyError:
        return str(path.stat().st_gid)


async def _kubernetes(settings: Settings, kept: KubernetesCluster | None) -> Finding:
    if not kubernetes_configured(settings):
        advice = "With KUBECONFIG, or in a pod, investigations look at pods, events and rollouts."
        return Finding("kubernetes", "unused", "not set", advice)
    cluster = kept or KubernetesCluster(settings)
    try:
        found = await examine_rights(cluster, TIMEOUT.connect or 5)
    except UnusableCluster as error:
        return Finding("kubernetes", "failed", error.detail, "Correct KUBECONFIG; docs/kubernetes.md has an example.")
    except ClusterNotReached as error:
        return Finding("kubernetes", "failed", f"the cluster {error}", "Correct KUBECONFIG, or start the cluster.")
    finally:
        if kept is None:
            await cluster.aclose()
    where = f"{found.version} at {found.address}"
    if found.lacking:
        advice = "docs/kubernetes.md has a role that can only look; what is not allowed is missing in investigations."
        return Finding("kubernetes", "failed", f"{where}: may not {', '.join(map(str, found.lacking))}", advice)
    more = f"; may also {', '.join(map(str, found.too_much))}, which it does not need" if found.too_much else ""
    return Finding("kubernetes", "ok", f"{where}, all that is read may be read{more}")


async def _prometheus(settings: Settings) -> Finding:
    if settings.prometheus_url is None:
        return Finding("prometheus", "unused", "not set", "With PROMETHEUS_URL investigations look at metrics.")
    base, advice = settings.prometheus_url, "Correct PROMETHEUS_URL, or start it."
    return await _ask("prometheus", f"{base}/-/ready", advice, instead=f"{base}/api/v1/query?query=1")


async def _loki(settings: Settings) -> Finding:
    if settings.loki_url is None:
        return Finding("loki", "unused", "not set", "With LOKI_URL investigations read logs.")
    base, advice = settings.loki_url, "Correct LOKI_URL, or start it."
    return await _ask("loki", f"{base}/ready", advice, instead=f"{base}/loki/api/v1/labels")


async def _postgres(settings: Settings) -> list[Finding]:
    try:
        targets = postgres_targets(settings)
    except UnusablePostgresTarget as error:
        return [Finding("postgres", "failed", error.detail, "Write NAME=postgresql://ROLE:PASSWORD@HOST/DATABASE.")]
    if not targets:
        advice = "With NIGHTDESK_POSTGRES_TARGETS investigations see sessions, locks and waits."
        return [Finding("postgres", "unused", "not set", advice)]
    return list(await asyncio.gather(*(_soon(f"postgres {one.name}", _target(one)) for one in targets)))


async def _target(target: PostgresTarget) -> Finding:
    name = f"postgres {target.name}"
    try:
        async with await dial_target(target) as connection:
            role = await Look(connection).role(TIMEOUT.connect or 5)
    except (NotReached, NotAnswered) as error:
        return Finding(name, "failed", f"{target.address}: {error}", "Correct NIGHTDESK_POSTGRES_TARGETS, or start it.")
    advice = "docs/postgres.md has the SQL that makes a role which can only look."
    if role.refused is not None:
        return Finding(name, "failed", role.refused, advice)
    if role.writes is not None:
        return Finding(name, "failed", f"{role.name} may {role.writes}; it should only be able to look", advice)
    if not role.monitor:
        return Finding(name, "failed", f"{role.name} is no member of pg_monitor: it sees its own sessions only", advice)
    return Finding(name, "ok", f"PostgreSQL {role.version} at {target.address}, looked at as {role.name}")


async def _model(settings: Settings) -> Finding:
    # Compose hands on OPENAI_API_KEY also when it is empty.
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    if not key and settings.openai_base_url is None:
        return Finding("model", "unused", "no key: the rules analyst works alone", "Set OPENAI_API_KEY to add one.")
    base = settings.openai_base_url or "https://api.openai.com/v1"
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return await _ask("model", f"{base}/models", "Check OPENAI_API_KEY and OPENAI_BASE_URL.", headers=headers)


async def _supabase(settings: Settings) -> Finding:
    if settings.supabase_url is None:
        return Finding("supabase", "unused", "sign-in and realtime are embedded", "")
    headers = {"apikey": settings.supabase_anon_key or ""}
    advice = "Check SUPABASE_URL and SUPABASE_ANON_KEY."
    return await _ask("supabase", f"{settings.supabase_url}/auth/v1/settings", advice, headers=headers)


async def _ask(
    name: str,
    url: str,
    advice: str,
    transport: httpx.AsyncBaseTransport | None = None,
    headers: dict[str, str] | None = None,
    told: Callable[[Mapping[str, str]], str] | None = None,
    where: str | None = None,
    instead: str | None = None,
) -> Finding:
    """`where`: how a person calls what is asked, when it is not the URL.

    `instead`: what investigations ask; behind a prefix or a gateway there is no page that says it is ready.
    """
    where = where or url
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, transport=transport) as http:
            answer = await http.get(url, headers=headers)
    except httpx.HTTPError as error:
        return Finding(name, "failed", f"{where}: {error or type(error).__name__}", advice)
    if answer.status_code == 404 and instead is not None:
        return await _ask(name, instead, advice, transport, headers)
    if answer.is_error:
        return Finding(name, "failed", f"{where} answered {answer.status_code}", advice)
    return Finding(name, "ok", told(answer.headers) if told else url)
