"""Which database this installation uses, and how a command reaches it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from backend import instance
from backend.embedded import bootstrap, cluster, migrate, postgres
from backend.settings import Settings


@contextmanager
def serving(
    settings: Settings, *, new: bool = False, on_apply: Callable[[migrate.Migration], None] = lambda _: None
) -> Generator[str]:
    """The URL of a database that answers and is up to date, for the duration of one command.

    1. DATABASE_URL: its login must be the owner.  2. The database of the running instance.  3. Nothing runs: the
    embedded server is started for the command, and the data directory is held meanwhile. Only where `new` says so is
    a database made: a command in the wrong folder would else answer from an empty one. Raises NotRunning.
    """
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        bootstrap.bootstrap_external(url)
        migrate.migrate(url, on_apply=on_apply)
        yield url
    elif instance.read(settings.data_dir) is not None:
        yield database_url(settings)
    else:
        if new:
            instance.make(settings.data_dir)
        else:
            database_url(settings)
        with instance.held(settings.data_dir):
            place = cluster.prepare(settings.data_dir)
            with postgres.running(place):
                bootstrap.bootstrap_embedded(place)
                migrate.migrate(place.url(), on_apply=on_apply)
                yield place.url()


def database_url(settings: Settings) -> str:
    """The URL of the database as the services use it. Raises NotRunning when there is no embedded one yet."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    place = cluster.existing(settings.data_dir)
    if place is None:
        where = settings.data_dir.absolute()
        raise instance.NotRunning(
            f"There is no database in {where} yet. Run `nightdesk up` first, or name another folder with --data-dir."
        )
    return place.url()
