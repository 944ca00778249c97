"""System checks: what must hold before this installation may be trusted. Nothing here needs the database at import."""

import contextlib
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

_OFF = {"off", "false", "0"}


@register(Tags.security)
def keys_are_private(**_options: Any) -> list[CheckMessage]:
    """Key files are readable by their owner alone."""
    folder = Path(settings.PORTOLAN_KEYS_DIR)
    if not folder.is_dir():
        return []
    open_files = sorted(path.name for path in folder.iterdir() if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077)
    return [Error(f"The key file {name} can be read by others.", hint=f"chmod 600 {name}", id="foundation.E001") for name in open_files]


@register(Tags.security)
def secret_key_is_set(**_options: Any) -> list[CheckMessage]:
    """Sessions and signed values need a key."""
    with contextlib.suppress(ImproperlyConfigured):  # which Django raises for an empty one
        if settings.SECRET_KEY:
            return []
    return [Error("SECRET_KEY is empty.", hint="Keep it in the keys folder as django_secret.key.", id="foundation.E002")]


@register(Tags.database)
def database_is_durable(databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """A commit the server acknowledged must survive a crash."""
    return [Error(problem, id="foundation.E003") for alias in databases or () for problem in durability_problems(alias)]


def durability_problems(alias: str = "default") -> list[str]:
    """Sentences about settings that could lose acknowledged commits; empty when all is well. For readiness too."""
    names = ("fsync", "synchronous_commit", "full_page_writes")
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(names)])
            found = dict(cursor.fetchall())
    except DatabaseError as error:
        return [f"The database cannot be asked: {type(error).__name__}."]
    return [f"{name} is off: acknowledged commits can be lost." for name in names if found.get(name, "").lower() in _OFF]
