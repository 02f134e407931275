"""Puts `nightdesk up` together: data directory, door, database, migrations, first owner; then supervises."""

import asyncio
import gc
import importlib
import os
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from backend.called import called
from backend.door import listen
from backend.embedded import bootstrap, cluster, migrate, postgres
from backend.embedded.severity import level_of
from backend.instance import Hold, Instance, forget, held, make
from backend.logs import Format, choose_format, configure_logging
from backend.output import Printer
from backend.part import Part
from backend.settings import Settings
from backend.supervisor import Supervisor

log = structlog.get_logger("up")

WORKERS = ("checks", "agent", "actions", "notify")


def up(settings: Settings) -> None:
    """Runs everything until SIGTERM, SIGINT or SIGHUP. Raises NightdeskError with a sentence when it cannot start."""
    form = choose_format(settings.log_format)
    configure_logging("nightdesk", form, settings.log_level)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    make(settings.data_dir)
    try:
        with ExitStack() as stack:
            hold = stack.enter_context(held(settings.data_dir))
            door = stack.enter_context(closing(listen(settings.host, settings.port)))
            stack.callback(forget, settings.data_dir)
            url, database = stack.enter_context(_database(settings))
            _welcome(settings, url)
            _supervise(settings, form, hold, door, url, database)
    except KeyboardInterrupt:
        log.info("stopped_while_starting")


def _supervise(
    settings: Settings, form: Format, hold: Hold, door: socket.socket, url: str, database: Part | None
) -> None:
    instance = Instance(pid=os.getpid(), url=settings.url, started_at=datetime.now(UTC).isoformat())
    printer = Printer(form, settings.log_level, {"postgres": level_of})
    supervisor = Supervisor(settings.data_dir, hold, door, instance, printer)
    if database is not None:
        supervisor.database(database)

    def api() -> None:
        configure_logging("api", form, settings.log_level)
        _run("backend.serve", lambda module: module.run_api(settings, url, door))

    def worker(name: str) -> None:
        door.close()
        configure_logging(name, form, settings.log_level)
        _run("backend.work", lambda module: module.run_worker(name, settings, url))

    supervisor.child("api", api)
    for name in WORKERS:
        supervisor.child(name, lambda name=name: worker(name))
    supervisor.run()


@contextmanager
def _database(settings: Settings) -> Generator[tuple[str, Part | None]]:
    """The database's URL, up to date; and the part that keeps it running when it is the embedded one."""
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        bootstrap.bootstrap_external(url)
        _migrate(url)
        _preload()
        yield url, None
        return
    place = cluster.prepare(settings.data_dir)
    if not place.pgdata.is_relative_to(settings.data_dir.absolute()):
        log.warning("database_elsewhere", path=str(place.pgdata), why="its account cannot enter the data directory")
    server = postgres.start(place)
    part = Part("postgres", lambda: postgres.start(place), run=server)
    try:
        # Reading our own code takes longer than the database needs to start: both at once.
        _preload()
        server.wait_ready()
        bootstrap.bootstrap_embedded(place)
        _migrate(place.url())
        yield place.url(), part
    finally:
        if isinstance(part.run, postgres.Server):
            part.run.stop()


def _migrate(url: str) -> None:
    migrate.migrate(url, on_apply=lambda migration: log.info("migration", file=migration.path.name))


def _preload() -> None:
    """Imports, once, what the children share. A part that cannot be imported says so itself when it starts.

    None of it is garbage: never looked through, it is read faster, and its memory stays one for all children.
    """
    gc.disable()
    for name in ("backend.work", "backend.serve"):
        try:
            importlib.import_module(name)
        except Exception:
            log.debug("preload_failed", module=name, exc_info=True)
    gc.freeze()
    gc.enable()


def _run(name: str, work: Callable[[Any], None]) -> None:
    """A child's work. Imported by name and late: the supervisor starts whatever its children fail to import."""
    try:
        work(importlib.import_module(name))
    except Exception:
        log.exception("process_failed")
        raise SystemExit(1) from None


def _welcome(settings: Settings, url: str) -> None:
    """Forgets the processes of the run before; on the very first start makes the owner and shows their password."""
    password = asyncio.run(_first_owner(settings, url))
    if password is not None:
        place = "" if settings.data_dir == Path(".nightdesk") else f" --data-dir {settings.data_dir}"
        # Once, and not through the log, which is kept.
        print(
            f"\n  First start. Sign in at {settings.url}\n"
            f"    e-mail    {settings.admin_email}\n"
            f"    password  {password}\n"
            "  The password is shown this once. Another one, whenever it is lost:\n"
            f"    {called()} user password {settings.admin_email}{place}\n",
            flush=True,
        )


async def _first_owner(settings: Settings, url: str) -> str | None:
    modules = ("backend.embedded.people", "backend.deps", "backend.health")
    people, deps, health = (importlib.import_module(name) for name in modules)
    async with deps.open_deps(settings, database_url=url, name="nightdesk-up") as opened:
        async with opened.db.transaction() as session:
            await health.forget_dead(session)
            if settings.mode == "supabase":
                return None
            return await people.first_owner(session, settings.admin_email, opened.clock.now())
