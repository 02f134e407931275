"""A plain connection for bootstrap and migrations, or a sentence that says why there is none."""

from typing import Any

import psycopg
from psycopg import Connection

from backend.db import psycopg_url
from backend.errors import Unavailable

OLDEST = 15


class NoDatabase(Unavailable):
    """The database does not answer."""

    code = "no_database"


def dial(url: str) -> Connection[Any]:
    """Connects in autocommit, without prepared statements. Raises NoDatabase."""
    try:
        connection = psycopg.connect(psycopg_url(url), autocommit=True, prepare_threshold=None, connect_timeout=10)
    except psycopg.Error as error:
        # Only what libpq said: the URL has a password in it.
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise NoDatabase(f"The database does not answer: {lines[0]}. Check DATABASE_URL.") from None
    major = connection.info.server_version // 10_000
    if major < OLDEST:
        connection.close()
        raise NoDatabase(f"The database is PostgreSQL {major}; Nightdesk needs {OLDEST} or later.", retryable=False)
    return connection
