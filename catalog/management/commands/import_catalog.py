"""`manage.py import_catalog PATH… --team SLUG --as USER`: register what flow files, API descriptions and catalogs say exists."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import User
from accounts.selectors import people, viewers
from audit.services.context import command_context
from catalog.domain.imports.loading import MAX_BYTES
from catalog.models import ImportBatch
from catalog.selectors.imports import files_of
from catalog.services.imports import batches
from foundation.clock import db_now
from foundation.errors import DomainError

MAX_FILES = 50_000


@dataclass(frozen=True, slots=True)
class _Found:
    """A file on disk: under which label and path it is known, and how it was named on the command line."""

    label: str
    path: str
    shown: str
    file: Path


class Command(BaseCommand):
    """Reads every file, applies the batch at once and says what came of each. Exit code 0 when the batch ran."""

    help = "Import n8n, Node-RED, Backstage, OpenAPI, AsyncAPI, Kafka Connect and Airflow (dag-factory) files."

    def add_arguments(self, parser: CommandParser) -> None:
        """The command line."""
        parser.add_argument("paths", nargs="+", metavar="PATH", help="files and folders; folders are read with everything below")
        parser.add_argument("--team", required=True, metavar="SLUG", help="the team that owns what is new")
        parser.add_argument("--as", required=True, dest="username", metavar="USER", help="on whose word; must be able to edit for the team")
        parser.add_argument("--label", default="", help="name of the source; by default the folder's own name")
        parser.add_argument("--dry-run", action="store_true", help="say what would come of it, write nothing")
        parser.add_argument("--report", choices=["text", "json"], default="text")
        parser.add_argument("--strict", action="store_true", help="exit code 1 when a file needs attention")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run one batch for each label, in the order of the paths."""
        user = self._user(options["username"])
        found = list(_files(options["paths"], options["label"]))
        if not found:
            raise CommandError("There is no file in any of the paths.")
        if len(found) > MAX_FILES:
            raise CommandError(f"More than {MAX_FILES} files.")
        told: list[dict[str, Any]] = []
        try:
            for label in dict.fromkeys(each.label for each in found):
                told += self._batch(user, label, [each for each in found if each.label == label], options)
        except DomainError as error:
            raise CommandError(" ".join([str(error), *(f"{fault.pointer}: {fault.detail}" for fault in error.errors)])) from error
        self._tell(told, options)
        if options["strict"] and any(each["verdict"] == batches.Verdict.ATTENTION for each in told):
            raise SystemExit(1)

    def _user(self, username: str) -> User:
        try:
            user = people.by_username(username)
        except DomainError as error:
            raise CommandError(f"There is no account {username}.") from error
        if not user.is_active:
            raise CommandError(f"The account {username} is switched off.")
        return user

    def _batch(self, user: User, label: str, found: list[_Found], options: dict[str, Any]) -> list[dict[str, Any]]:
        by = {"actor": viewers.actor_of(user, method="command"), "viewer": viewers.viewer_of(user)}
        if not options["dry_run"]:
            return _run(label, found, options["team"], by)
        with transaction.atomic():
            told = _run(label, found, options["team"], by)
            transaction.set_rollback(True)
        return told

    def _tell(self, told: list[dict[str, Any]], options: dict[str, Any]) -> None:
        if options["report"] == "json":
            self.stdout.write(json.dumps(told, indent=1))
            return
        for each in told:
            if each["verdict"] == batches.Verdict.ATTENTION:
                self.stdout.write(f"{each['path']}: {each['verdict']}: {each['reason']}")
        counts = Counter(each["verdict"] for each in told)
        made = Counter(each["kind"] for one in told for each in one["created"])
        summary = ", ".join(f"{counts[verdict]} {verdict}" for verdict in batches.Verdict.values)
        self.stdout.write(f"{len(told)} files: {summary}.")
        if made:
            would = "Would register" if options["dry_run"] else "Registered"
            self.stdout.write(f"{would}: {', '.join(f'{count} {kind}' for kind, count in sorted(made.items()))}.")
        if options["dry_run"]:
            self.stdout.write("Nothing was written.")


def _run(label: str, found: list[_Found], team: str, by: dict[str, Any]) -> list[dict[str, Any]]:
    with command_context():
        files = ((each.path, _content(each.file)) for each in found)
        batch = batches.start_import(label=label, team=team, files=files, is_applied_here=True, now=db_now(), **by)
    run = batches.Run(batch.pk)
    while run.apply_next(now=db_now()):
        pass
    return _verdicts(batch, found)


def _verdicts(batch: ImportBatch, found: list[_Found]) -> list[dict[str, Any]]:
    told = []
    for file, each in zip(files_of(batch), found, strict=True):
        reason = {"reason": file.reason} if file.reason else {}
        told.append({"path": each.shown, "verdict": file.verdict, **reason, "created": file.created})
    return told


def _files(paths: list[str], label: str) -> Iterator[_Found]:
    """Every file of the paths, folders in the order of their names; hidden ones and links to elsewhere are passed over."""
    for given in paths:
        root = Path(given)
        if root.is_dir():
            name = label or root.resolve().name or "import"
            for file in _below(root):
                inner = file.relative_to(root).as_posix()
                yield _Found(name, inner, _printable(str(root / inner)), file)
        elif root.is_file():
            yield _Found(label or root.resolve().parent.name or "import", root.name, _printable(given), root)
        else:
            raise CommandError(f"There is no file or folder {given}.")


def _printable(path: str) -> str:
    """Names of files are bytes: what is no UTF-8 in them cannot be printed."""
    return path.encode("utf-8", "replace").decode()


def _below(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            file = Path(folder) / name
            if not name.startswith(".") and not file.is_symlink() and file.is_file():
                yield file


def _content(file: Path) -> bytes:
    """At most one byte more than is read anyway; what cannot be opened is empty, and told so."""
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError:
        return b""
