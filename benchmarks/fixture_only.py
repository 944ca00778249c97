"""`python -m benchmarks --fixture-only`: a catalog to look at, in the database that DATABASE_URL names."""

import os
import secrets
import sys

from benchmarks.lines import progress


def leave(scale: int) -> int:
    """Fill it and say how to sign in; 2 when there is somebody in it already."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")
    os.environ["PORTOLAN_AS_OWNER"] = "1"  # of the tables: to migrate, and to take their statistics
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.models import User
    from benchmarks import estate

    call_command("prepare_database", no_static=True, stdout=sys.stderr)
    if User.objects.exists():
        progress("There are accounts in this database: name an empty one.")
        return 2
    password = secrets.token_urlsafe(12)
    estate.fill(scale, password=password)
    estate.settle()
    progress(f"Sign in as root (sees everything) or as limited (in five teams), password {password}")
    return 0
