"""`python -m backend.healthcheck [WORKER]`: exit status 0 while this container does its work; for Docker's HEALTHCHECK.

Without an argument the HTTP door is asked; for a worker the database is: has a process of this container been seen?
It runs every few seconds beside the product, so it imports next to nothing.
"""

import http.client
import sys

import psycopg

from backend.process import place_name
from backend.settings import Settings, load_settings

PATIENCE_SECONDS = 5
# backend.health.SILENT_SECONDS, without what that module imports.
SILENT_SECONDS = 15.0
SEEN = """
    select 1 from public.system_health
    where component = %s and starts_with(instance, %s) and last_seen > now() - make_interval(secs => %s)
"""


def main(arguments: list[str]) -> int:
    """The exit status Docker wants: 0 healthy, 1 not."""
    settings = load_settings()
    healthy = worker_beats(settings, arguments[0]) if arguments else door_answers(settings)
    return 0 if healthy else 1


def door_answers(settings: Settings) -> bool:
    """Whether the API in this container answers at all; what it lacks is for /readyz to say."""
    connection = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def worker_beats(settings: Settings, component: str) -> bool:
    """Whether that worker of this container has been heard of within three beats."""
    if settings.database_url is None:
        return False
    # As psycopg takes it, also when it was written for SQLAlchemy.
    url = f"postgresql://{settings.database_url.get_secret_value().partition('://')[2]}"
    try:
        with psycopg.connect(url, connect_timeout=PATIENCE_SECONDS, prepare_threshold=None) as connection:
            return connection.execute(SEEN, (component, f"{place_name()}:", SILENT_SECONDS)).fetchone() is not None
    except psycopg.Error:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
