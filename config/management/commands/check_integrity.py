"""Compare rows and histories with the log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import integrity


class Command(BaseCommand):
    help = "Tell every row and history that disagrees with the log; exit code 1 when there is one. Reads whole tables."

    def handle(self, **_options: Any) -> None:
        """Sentences, or one that says how much was compared."""
        found = integrity.findings()
        for finding in found:
            self.stdout.write(str(finding))
        if found:
            raise CommandError(f"{len(found)} disagreements with the log.")
        self.stdout.write(f"{len(integrity.versioned())} kinds of rows and {len(integrity.histories())} histories agree with the log.")
