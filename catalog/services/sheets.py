"""Long sheets: kept as rows of a batch and applied in the background, a chunk in a transaction; trials and undoes of them too.

A chunk asks anew what its sender may do. A worker that dies loses only the chunk it had begun: its rows are then tried one by one, and
one that takes its worker with it each time is given up.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TextIO
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from accounts.domain.errors import Invalid
from accounts.domain.viewers import Viewer
from accounts.models import User
from accounts.selectors import viewers
from audit.domain.actors import Actor
from audit.services.context import command_context
from audit.services.record import record
from catalog.domain import sheets
from catalog.domain.errors import BatchEnded, BatchOpen, BatchUnfit, NotYourIntegration, RowGivenUp, SheetUnreadable
from catalog.models import BulkBatch, BulkRow
from catalog.selectors import sheets as selectors
from catalog.services import bulk, queue
from catalog.services.bulk import SUBJECT, RowResult

CHUNK = 100
KEPT_TRIALS = 5
_STAGED = 500
_log = logging.getLogger(__name__)
State, Rank = BulkBatch.State, BulkRow.Rank
_TOLD = ("slug", "slug_key", "rank", "integration_version", "diff", "problem", "integration_id", "content", "attempts")
_TRIED = """
INSERT INTO catalog_bulkrow (id, batch_id, position, content, slug, slug_key, rank, diff, problem, attempts)
SELECT gen_random_uuid(), %(batch)s, position, content, '', '', CASE content WHEN '' THEN rank ELSE 9 END, '[]',
       CASE content WHEN '' THEN problem END, 0
FROM catalog_bulkrow WHERE batch_id = %(source)s
"""
_WRITTEN = """
INSERT INTO catalog_bulkrow (id, batch_id, position, content, slug, slug_key, rank, diff, attempts)
SELECT gen_random_uuid(), %(batch)s, position, '', slug, slug_key, 9, '[]', 0 FROM catalog_bulkrow AS written
WHERE batch_id = %(source)s AND rank IN (1, 2) AND NOT EXISTS (
  SELECT 1 FROM catalog_bulkrow AS restored JOIN catalog_bulkbatch AS undo ON undo.id = restored.batch_id
  WHERE undo.undoes_id = %(source)s AND restored.position = written.position AND restored.rank IN (1, 3))
"""


@transaction.atomic
def send_sheet(*, sheet: TextIO, form: str, dry_run: bool = False, actor: Actor, viewer: Viewer, now: datetime) -> bulk.Outcome | BulkBatch:
    """Apply a sheet at once, or queue it when it is too long for that. `form` is `csv` or `yaml`.

    Raises SheetUnreadable, BatchOpen; everything else is a row's own problem.
    """
    try:
        text = sheet.read(sheets.MAX_CHARS + 1)
        if len(text) <= sheets.MAX_CHARS and not sheets.is_long(text, form):
            rows = sheets.read(text, form)
            return bulk.apply_rows(rows=rows, dry_run=dry_run, origin=form, actor=actor, viewer=viewer, now=now)
        sheet.seek(0)
        return _queued(sheets.entries(sheet, form), form, dry_run=dry_run, actor=actor, viewer=viewer, now=now)
    except UnicodeDecodeError:
        raise SheetUnreadable("The sheet is not UTF-8 text.") from None


@transaction.atomic
def apply_tried(*, batch_id: UUID, actor: Actor, viewer: Viewer, now: datetime) -> BulkBatch:
    """Queue the rows of a trial to be applied. Raises BatchMissing, BatchUnfit, BatchOpen."""
    tried = bulk.locked(batch_id, viewer)
    if not tried.is_dry_run or tried.state != State.DONE:
        raise BatchUnfit
    return _copied(tried, _TRIED, actor=actor, viewer=viewer, now=now)


@transaction.atomic
def undo_batch(*, batch_id: UUID, actor: Actor, viewer: Viewer, now: datetime) -> bulk.Outcome | BulkBatch:
    """Undo a batch at once, or queue its undo when it changed more than is done at once. Raises as `bulk.undo_batch`; BatchOpen."""
    by: dict[str, Any] = {"actor": actor, "viewer": viewer, "now": now}
    batch = bulk.locked(batch_id, viewer)
    if not batch.rows.filter(rank__in=bulk.WRITTEN)[sheets.MAX_ROWS :].exists():
        return bulk.undo_batch(batch_id=batch_id, **by)
    return _copied(bulk.taken_back(batch, now), _WRITTEN, undoes=batch, **by)


@transaction.atomic
def cancel_batch(*, batch_id: UUID, actor: Actor, viewer: Viewer, now: datetime) -> BulkBatch:
    """Stop before the next chunk; what was applied stays. A cancelled undo may be asked for again. Raises BatchMissing, BatchEnded."""
    batch = bulk.locked(batch_id, viewer)
    if batch.state not in queue.OPEN:
        raise BatchEnded
    queue.cancel(batch, now=now)
    if batch.undoes_id is not None:
        BulkBatch.objects.filter(pk=batch.undoes_id).update(undone_at=None)
    record("catalog.bulk.cancelled", subject=(SUBJECT, batch.pk), actor=actor, at=now, facts=_facts(batch))
    return batch


class Run:
    """One worker's way through one batch."""

    def __init__(self, batch: UUID) -> None:
        self._batch = BulkBatch.objects.get(pk=batch)
        self._rows = BulkRow.objects.filter(batch=self._batch)

    def apply_next(self, *, now: datetime) -> bool:
        """Apply one chunk, or end the batch when none is left; False when there is no more to do here."""
        with command_context(), transaction.atomic():
            if not queue.goes_on(self._batch, now=now):
                return False
            begun = self._begun()
            if not begun:
                return self._ended(now)
        with command_context(), transaction.atomic():
            if not queue.goes_on(self._batch, now=now):
                return False
            held = self._rows.select_for_update(skip_locked=True).filter(pk__in=begun, rank=Rank.WAITING)
            rows = list(held.order_by("position"))
            if rows:
                self._apply(rows, now)
        return True

    def _begun(self) -> list[UUID]:
        """The next rows, noted as begun in a transaction of its own; of those that were begun before, one alone."""
        waiting = self._rows.select_for_update(skip_locked=True).filter(rank=Rank.WAITING).order_by("position")
        found = list(waiting.values_list("pk", "attempts")[:CHUNK])
        fresh = [pk for pk, attempts in found if not attempts]
        begun = [found[0][0]] if found and found[0][1] else fresh
        self._rows.filter(pk__in=begun).update(attempts=F("attempts") + 1)
        return begun

    def _apply(self, rows: Sequence[BulkRow], now: datetime) -> None:
        if rows[0].attempts > queue.MAX_ATTEMPTS:
            return self._keep(rows, _given_up(rows))
        try:
            with transaction.atomic():
                results = self._results(rows, now)
                if self._batch.is_dry_run:
                    transaction.set_rollback(True)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # noqa: BLE001 - no row of a stranger may end the batch of the others
            _log.exception("rows could not be applied", extra={"batch": str(self._batch.pk), "position": rows[0].position})
            return None if len(rows) > 1 else self._keep(rows, _given_up(rows))  # several are tried one by one
        return self._keep(rows, results)

    def _results(self, rows: Sequence[BulkRow], now: datetime) -> list[RowResult]:
        """What becomes of the rows by what their sender may do now."""
        sender = User.objects.get(pk=self._batch.by_id)
        if not sender.is_active:
            return [bulk.refused(row.position, row.slug, NotYourIntegration()) for row in rows]
        viewer = viewers.viewer_of(sender, self._batch.scopes)
        by: dict[str, Any] = {"actor": viewers.actor_of(sender, method="sheet"), "viewer": viewer, "now": now}
        if self._batch.undoes_id is None:
            return self._read_and_passed(rows, bulk.Pass(**by))
        written = BulkRow.objects.filter(batch_id=self._batch.undoes_id, position__in=[row.position for row in rows])
        return [bulk.undone(row.position, row, **by) for row in written.order_by("position")]

    def _read_and_passed(self, rows: Sequence[BulkRow], one_pass: bulk.Pass) -> list[RowResult]:
        found: dict[UUID, RowResult] = {}
        sound: list[tuple[BulkRow, dict[str, Any]]] = []
        for row in rows:
            try:
                entry = sheets.entry(row.content, self._batch.origin)
            except SheetUnreadable as error:
                found[row.pk] = bulk.refused(row.position, "", error)
            else:
                bulk.name(row, entry)
                sound.append((row, entry))
        earlier = self._rows.filter(position__lt=rows[0].position, slug_key__in={row.slug_key for row, _ in sound} - {""})
        results = one_pass.results([entry for _, entry in sound], earlier.values_list("slug_key", flat=True))
        found |= {row.pk: result for (row, _), result in zip(sound, results, strict=True)}
        return [found[row.pk] for row in rows]

    def _keep(self, rows: Sequence[BulkRow], results: Sequence[RowResult]) -> None:
        """One statement for all of them. What was sent has served, but for a trial's, which may be applied yet."""
        for row, result in zip(rows, results, strict=True):
            bulk.told(row, result)
            row.attempts = 0
            row.content = row.content if self._batch.is_dry_run else ""
        BulkRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=_TOLD)

    def _ended(self, now: datetime) -> bool:
        """Close the batch unless another worker still applies a chunk of it."""
        if self._rows.filter(rank=Rank.WAITING).exists() or not queue.close(self._batch, now=now):
            return False
        actor = viewers.actor_of(User.objects.get(pk=self._batch.by_id), method="sheet")
        facts = _facts(self._batch)
        if self._batch.undoes_id is not None:
            subject = (SUBJECT, self._batch.undoes_id)
            counts = {"rows": facts["rows"], "restored": facts["changed"], "refused": facts["refused"]}
            record("catalog.bulk.undone", subject=subject, actor=actor, at=now, facts=counts)
            return False
        verb = "catalog.bulk.tried" if self._batch.is_dry_run else "catalog.bulk.applied"
        record(verb, subject=(SUBJECT, self._batch.pk), actor=actor, at=now, facts=facts)
        return False


def _queued(entries: Iterable[str], form: str, *, dry_run: bool, actor: Actor, viewer: Viewer, now: datetime) -> BulkBatch:
    batch = _opened(form, viewer, now, is_dry_run=dry_run)
    numbered = enumerate(entries)
    while rows := [_staged(batch, position, text) for position, text in islice(numbered, _STAGED)]:
        BulkRow.objects.bulk_create(rows)
        batch.row_count += len(rows)
    return _begin(batch, actor, now)


def _staged(batch: BulkBatch, position: int, text: str) -> BulkRow:
    """A row that waits for a worker; one that holds a secret is refused at once, and nothing of it is kept."""
    row = BulkRow(batch=batch, position=position, content=text)
    if faults := sheets.secret_faults(text, batch.origin):
        row.content = ""
        bulk.told(row, bulk.refused(position, "", Invalid(errors=faults)))
    return row


def _copied(
    source: BulkBatch, statement: str, *, undoes: BulkBatch | None = None, actor: Actor, viewer: Viewer, now: datetime
) -> BulkBatch:
    """A batch of what another has: the rows go from table to table."""
    batch = _opened(source.origin, viewer, now, undoes=undoes)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"batch": batch.pk, "source": source.pk})
        batch.row_count = cursor.rowcount
    return _begin(batch, actor, now)


def _opened(origin: str, viewer: Viewer, now: datetime, **more: Any) -> BulkBatch:
    """A person has one sheet under way, and only the newest trials are kept."""
    mine = BulkBatch.objects.filter(by_id=viewer.user_id)
    if mine.filter(state__in=queue.OPEN).exists():
        raise BatchOpen
    forgotten = mine.filter(is_dry_run=True).order_by("-created_at", "-id").values_list("pk", flat=True)[KEPT_TRIALS - 1 :]
    BulkBatch.objects.filter(pk__in=list(forgotten)).delete()
    scopes = None if viewer.scopes is None else sorted(viewer.scopes)
    return BulkBatch.objects.create(by_id=viewer.user_id, origin=origin, scopes=scopes, created_at=now, **more)


def _begin(batch: BulkBatch, actor: Actor, now: datetime) -> BulkBatch:
    batch.next_check_at = now
    batch.save(update_fields=["row_count", "next_check_at"])
    facts: dict[str, Any] = {"rows": batch.row_count, "origin": batch.origin, "is_dry_run": batch.is_dry_run}
    if batch.undoes_id is not None:
        facts["undoes"] = batch.undoes_id
    record("catalog.bulk.queued", subject=(SUBJECT, batch.pk), actor=actor, at=now, facts=facts)
    return batch


def _facts(batch: BulkBatch) -> dict[str, Any]:
    """Whole numbers of the rows so far."""
    row: Any = selectors.counted(BulkBatch.objects.filter(pk=batch.pk)).get()
    changed = row.changed_count + row.created_count
    return {"rows": batch.row_count, "changed": changed, "refused": row.refused_count, "origin": batch.origin}


def _given_up(rows: Iterable[BulkRow]) -> list[RowResult]:
    return [bulk.refused(row.position, row.slug, RowGivenUp()) for row in rows]
