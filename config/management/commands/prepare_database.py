"""`manage.py prepare_database`: bring database and static files to what this code needs. Runs as the owner role."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from audit.domain.actors import Actor
from audit.services import disclose
from audit.services.grants import apply_grants
from audit.services.registry import publish_registry
from config.backup import dump_database
from foundation.clock import db_now


class Command(BaseCommand):
    help = "Migrate (after a dump, when there is data), grant the application role its rights, publish the verbs, collect static files."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--backups", type=Path, help="folder for the dump made before data is migrated; without it none is made")
        parser.add_argument("--no-static", action="store_true", help="leave static files alone")

    def handle(self, *, backups: Path | None, no_static: bool, **_options: Any) -> None:
        self._refuse_newer_data()
        self._migrate(backups)
        self._grant()
        publish_registry(db_now())
        disclose.prepare(Actor.worker().ref)
        if not no_static:
            call_command("collectstatic", interactive=False, verbosity=0)

    def _grant(self) -> None:
        role = settings.PORTOLAN_APP_ROLE
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone():
                apply_grants(cursor, role)
            else:
                self.stdout.write(f"There is no role {role}: the service runs as the owner, and the database does not protect the log.")

    def _refuse_newer_data(self) -> None:
        """Older code on newer data would fail later and worse."""
        executor = MigrationExecutor(connection)
        ours = {label.rpartition(".")[2] for label in settings.INSTALLED_APPS}
        loader = executor.loader
        unknown = sorted(
            f"{app}.{name}" for app, name in loader.applied_migrations if (app, name) not in loader.disk_migrations and app in ours
        )
        if unknown:
            raise CommandError(
                f"The data was written by a newer Portolan (migration {unknown[-1]}); use that version, or restore an older backup."
            )

    def _migrate(self, backups: Path | None) -> None:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not waiting:
            return
        if backups is not None and MigrationRecorder(connection).applied_migrations():
            file = backups / f"before-migration-{datetime.now(tz=UTC):%Y%m%dT%H%M%SZ}.dump"
            dump_database(file)
            self.stdout.write(f"The data was dumped to {file} first.")
        self.stdout.write(f"Applying {len(waiting)} migrations …")
        call_command("migrate", interactive=False, verbosity=0)
