"""`manage.py restore FILE`: see config/backup.py."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup import BackupRefused, restore_backup
from config.embedded.errors import CannotStart


class Command(BaseCommand):
    help = "Put a backup back. Refuses a database that is not empty, keys that differ, and a log shorter than what was signed, unless told."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace what the database and the keys folder hold")
        parser.add_argument("--accept-lost-events", action="store_true", help="go on although events were signed after the backup was made")

    def handle(self, *, file: Path, force: bool, accept_lost_events: bool, **_options: Any) -> None:
        try:
            done = restore_backup(file, force=force, accept_lost_events=accept_lost_events)
        except (BackupRefused, CannotStart, OSError) as error:
            raise CommandError(str(error)) from error
        found = ", ".join(done.keys) or "none in the backup"
        self.stdout.write(f"Restored a log of {done.leaves} leaves; keys: {found}; new timeline for every slot.")
        if done.lost:
            self.stdout.write(f"{done.lost} signed events are missing. The newer head was set aside in the keys folder.")
