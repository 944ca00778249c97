"""Fill an empty installation with the demo estate."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from config.demo import loading
from foundation.clock import db_now


class Command(BaseCommand):
    help = "Load the demo estate into an empty installation and write demo.json under PORTOLAN_VAR."

    def handle(self, **_options: Any) -> None:
        """Refuse where people already work: the demo never mixes with real records."""
        if User.objects.exists():
            raise CommandError("There are accounts already; the demo is loaded into an empty installation only.")
        told = loading.load_demo(now=db_now())
        path = loading.keep_for_scripts(told)
        self.stdout.write(f"Demo loaded: {len(told['people'])} people; passwords and tokens in {path.name} (readable by you alone).")
