"""`manage.py backup FILE`: see config/backup.py."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup import write_backup
from config.embedded.errors import CannotStart
from foundation.clock import db_now


class Command(BaseCommand):
    help = "Write database, signer state and (with --with-keys) the key files into one tar. The service may go on running."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--with-keys", action="store_true", help="also the key files: whoever holds the backup can then read and sign all"
        )

    def handle(self, *, file: Path, with_keys: bool, **_options: Any) -> None:
        try:
            manifest = write_backup(file, with_keys=with_keys, now=db_now())
        except (CannotStart, OSError) as error:
            raise CommandError(f"No backup was made: {error}") from error
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes, a log of at least {manifest['leaves_before_dump']} leaves.")
        if not with_keys:
            self.stdout.write(
                "The key files are not in it: without a copy of them, personal text, tokens and MFA secrets cannot be used again."
            )
