"""`manage.py worker`: see config/worker.py."""

import os
import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Run due work until SIGTERM or Ctrl-C. Start as many as you like; one is enough."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        threads = int(os.environ.get("WORKER_THREADS", "4"))
        parser.add_argument("--threads", type=int, default=threads, help="tasks at once (default: WORKER_THREADS or 4)")

    def handle(self, *, threads: int, **_options: Any) -> None:
        from config.worker import Worker
        from foundation import boot

        worker = Worker(threads=threads)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: worker.stop.set())
        boot.freeze()
        worker.run()
        sys.stdout.flush()
        os._exit(0)  # a task that hangs beyond the grace must not keep the process: its lease runs out and its row is still due
