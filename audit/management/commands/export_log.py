"""`manage.py export_log FOLDER`: the log as files for `audit/verify.py --log FOLDER`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.services import export
from foundation.errors import DomainError


class Command(BaseCommand):
    help = "Write the signed log as tlog-tiles files for offline verification."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            size = export.export_log(options["folder"])
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{size} leaves in {options['folder']}; check them with: python audit/verify.py --log {options['folder']}")
