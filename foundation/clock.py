"""The one clock: the database's, read once at the edge of a command and passed on as `now`."""

from datetime import UTC, datetime

from django.db import connection


def db_now() -> datetime:
    """The database's present moment, aware, in UTC. Moves on inside a transaction (clock_timestamp)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    moment: datetime = now
    return moment.astimezone(UTC)
