"""Many edits in one command: tried row by row, each in a savepoint, so that one refused row leaves the others as they are.

A trial run is the real one, rolled back: what it tells is what would happen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.errors import Invalid
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.context import command_context, request_id
from audit.services.record import record
from catalog.domain import sheets
from catalog.domain.errors import BatchMissing, BatchUndone, BatchUnfit, IntegrationMissing, TooManyRows, VersionNeeded
from catalog.models import BulkBatch, BulkRow, Integration
from catalog.selectors import integrations
from catalog.selectors import sheets as selectors
from catalog.services import queue
from catalog.services.integrations import register_integration, update_integration
from foundation.conditional import VersionMoved
from foundation.errors import DomainError, FieldError
from foundation.secrets import secret_in_line, without_secrets
from foundation.text import slug_key

SUBJECT = "catalog.bulk"
MAX_FAULTS = 50
_NEEDED = ("title", "purpose", "type", "team", "tier", "endpoints")


class Verdict(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


RANKS = {verdict: BulkRow.Rank[verdict.name] for verdict in Verdict}
VERDICTS = {rank: verdict.value for verdict, rank in RANKS.items()}
WRITTEN = (BulkRow.Rank.CHANGED, BulkRow.Rank.CREATED)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after, in the shape of a sheet."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row, in the order they came. `problem` says why a refused one was."""

    index: int
    slug: str
    verdict: Verdict
    version: int | None = None
    diff: Sequence[Difference] = ()
    problem: DomainError | None = None
    integration_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole batch. `id` is None for a trial run and where nothing was changed."""

    id: UUID | None
    is_dry_run: bool
    results: list[RowResult] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows got each verdict."""
        return {verdict.value: sum(row.verdict is verdict for row in self.results) for verdict in Verdict}


@transaction.atomic
def apply_rows(*, rows: Sequence[Any], dry_run: bool = False, origin: str = "api", actor: Actor, viewer: Viewer, now: datetime) -> Outcome:
    """Apply rows of a sheet: each `{slug, version, …fields}` changes that integration, and one without a version registers a new one.

    Only what differs is written. Raises TooManyRows; everything else is a row's own problem.
    """
    if len(rows) > sheets.MAX_ROWS:
        raise TooManyRows
    with transaction.atomic(), command_context(request_id=request_id()):
        results = Pass(actor, viewer, now).results(rows)
        if dry_run:
            transaction.set_rollback(True)
    if dry_run:
        return Outcome(None, is_dry_run=True, results=results)
    outcome = Outcome(None, is_dry_run=False, results=results)
    batch = _keep(results, origin, viewer, now)
    if batch is None:
        return outcome
    facts = {"rows": len(rows), "changed": outcome.counts["changed"] + outcome.counts["created"], "refused": outcome.counts["refused"]}
    record("catalog.bulk.applied", subject=(SUBJECT, batch.id), actor=actor, at=now, facts={**facts, "origin": origin})
    return Outcome(batch.id, is_dry_run=False, results=results)


@transaction.atomic
def undo_batch(*, batch_id: UUID, actor: Actor, viewer: Viewer, now: datetime) -> Outcome:
    """Give every row of the batch the values it had before, unless somebody has changed it since: that row is refused and told.

    What the batch registered stays; it is deleted by its deletion plan. Raises BatchMissing, BatchUndone.
    """
    batch = taken_back(locked(batch_id, viewer), now)
    changed = batch.rows.filter(rank__in=WRITTEN).order_by("position")
    with command_context(request_id=request_id()):
        results = [undone(index, row, actor=actor, viewer=viewer, now=now) for index, row in enumerate(changed)]
    outcome = Outcome(batch.id, is_dry_run=False, results=results)
    counts = outcome.counts
    facts = {"rows": len(results), "restored": counts["changed"], "refused": counts["refused"]}
    record("catalog.bulk.undone", subject=(SUBJECT, batch.id), actor=actor, at=now, facts=facts)
    return outcome


def locked(batch_id: UUID, viewer: Viewer) -> BulkBatch:
    """One of the batches that the viewer may see, for a change. Raises BatchMissing."""
    batch = selectors.batches_of(viewer).select_for_update(of=("self",)).filter(pk=batch_id).first()
    if batch is None:
        raise BatchMissing
    return batch


def taken_back(batch: BulkBatch, now: datetime) -> BulkBatch:
    """The locked batch, noted as undone. Raises BatchUndone, BatchUnfit."""
    if batch.is_dry_run or batch.undoes_id is not None or batch.state in queue.OPEN:
        raise BatchUnfit
    if batch.undone_at is not None:
        raise BatchUndone
    batch.undone_at = now
    batch.save(update_fields=["undone_at"])
    return batch


class Pass:
    """One pass over the rows, in the order of slugs so that two batches never wait for each other in a circle."""

    def __init__(self, actor: Actor, viewer: Viewer, now: datetime) -> None:
        self._viewer = viewer
        self._by: dict[str, Any] = {"actor": actor, "viewer": viewer, "now": now}

    def results(self, rows: Sequence[Any], earlier: Iterable[str] = ()) -> list[RowResult]:
        """One for each row, in their order. `earlier` are the keys of slugs that had a row before these."""
        faults = [sheets.shape_faults(row) for row in rows]
        sound = [row["slug"] for row, wrong in zip(rows, faults, strict=True) if not wrong]
        present = selectors.records_of(sound, self._viewer)
        found: list[RowResult] = []
        seen = set(earlier)
        for index in sorted(range(len(rows)), key=lambda at: (slug_key(slug_of(rows[at])), at)):
            row, key = rows[index], slug_key(slug_of(rows[index]))
            wrong = faults[index] or ([FieldError("/slug", "duplicate", "The same integration has two rows.")] if key in seen else [])
            seen.add(key)
            found.append(refused(index, slug_of(row), Invalid(errors=wrong)) if wrong else self._one(index, row, present.get(key)))
        return sorted(found, key=lambda result: result.index)

    def _one(self, index: int, row: Mapping[str, Any], before: Mapping[str, Any] | None) -> RowResult:
        if before is not None and not _wanted(row, before):
            return RowResult(index, before["slug"], Verdict.UNCHANGED, before["version"])
        try:
            with transaction.atomic():
                found = before or self._renamed(row["slug"])
                return self._registered(index, row) if found is None and "version" not in row else self._changed(index, row, found)
        except DomainError as error:
            return refused(index, row["slug"], error)

    def _renamed(self, slug: str) -> Mapping[str, Any] | None:
        """The row of an integration that had this name before; None when there is none to see."""
        try:
            now_called: str = integrations.get_visible(slug, self._viewer).slug
        except IntegrationMissing:
            return None
        return next(iter(selectors.records_of([now_called], self._viewer).values()))

    def _registered(self, index: int, row: Mapping[str, Any]) -> RowResult:
        missing = [FieldError(f"/{name}", "required", "A new integration needs this.") for name in _NEEDED if name not in row]
        if missing:
            raise Invalid(errors=missing)
        made = register_integration(**row, **self._by)
        return RowResult(index, made.slug, Verdict.CREATED, made.version, integration_id=made.id)

    def _changed(self, index: int, row: Mapping[str, Any], before: Mapping[str, Any] | None) -> RowResult:
        if before is None:
            raise IntegrationMissing
        wanted = _wanted(row, before)
        if not wanted:
            return RowResult(index, before["slug"], Verdict.UNCHANGED, before["version"])
        if "version" not in row:
            raise VersionNeeded
        if "endpoints" in wanted:
            wanted["endpoints"] = with_addresses(wanted["endpoints"], before["endpoints"])
        saved = update_integration(slug=before["slug"], changes=wanted, expected_version=row["version"], **self._by)
        after = selectors.records_of([saved.slug], self._viewer)[saved.slug_key]
        diff = [Difference(name, before[name], after[name]) for name in wanted if before[name] != after[name]]
        verdict = Verdict.CHANGED if diff else Verdict.UNCHANGED
        return RowResult(index, saved.slug, verdict, saved.version, diff, integration_id=saved.id)


def _wanted(row: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in sheets.EDITABLE and value != before[name]}


def with_addresses(wanted: Sequence[Any], present: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Endpoints that name no address keep the one they have."""
    known = {_identity(end): end.get("address", "") for end in present}
    return [
        {**end, "address": known[_identity(end)]} if isinstance(end, Mapping) and "address" not in end and _identity(end) in known else end
        for end in wanted
    ]


def _identity(end: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(slug_key(str(end.get(name) or "")) for name in ("system", "data_object", "role", "operation"))


def _keep(results: Sequence[RowResult], origin: str, viewer: Viewer, now: datetime) -> BulkBatch | None:
    """What is needed to undo it; None when nothing was changed."""
    done = [row for row in results if row.verdict in {Verdict.CHANGED, Verdict.CREATED}]
    if not done:
        return None
    batch = BulkBatch.objects.create(
        by_id=viewer.user_id, origin=origin, state=BulkBatch.State.DONE, row_count=len(done), created_at=now, finished_at=now
    )
    BulkRow.objects.bulk_create([told(BulkRow(batch=batch, position=index), row) for index, row in enumerate(done)])
    return batch


def told(row: BulkRow, result: RowResult) -> BulkRow:
    """The row with what became of it, not yet saved. Nothing of a stranger's text is kept that a column could not hold."""
    if not row.slug:
        name(row, {"slug": result.slug})
    row.rank = RANKS[result.verdict]
    row.integration_version, row.integration_id = result.version, result.integration_id
    row.diff = [{"field": one.field, "before": one.before, "after": one.after} for one in result.diff]
    row.problem = _problem(result.problem) if result.problem else None
    return row


def name(row: BulkRow, said: Any) -> None:
    """Give the row the slug that was sent in it."""
    row.slug = "" if secret_in_line(slug_of(said)) else _storable(slug_of(said))[:200]
    row.slug_key = slug_key(row.slug)[:400]


def _problem(error: DomainError) -> dict[str, Any]:
    faults = [{name: _storable(getattr(fault, name)) for name in ("pointer", "code", "detail")} for fault in error.errors[:MAX_FAULTS]]
    return {"status": error.status, "code": error.code, "detail": _storable(error.detail), "errors": faults}


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def undone(index: int, change: BulkRow, *, actor: Actor, viewer: Viewer, now: datetime) -> RowResult:
    """Give one integration the values it had before `change`; refused when it is gone or has changed since."""
    row = Integration.objects.visible_to(viewer).filter(pk__in=[change.integration_id]).only("slug", "version").first()
    if row is None:
        return refused(index, "", BatchMissing("The integration is no longer there, or you may no longer see it."))
    if change.rank == BulkRow.Rank.CREATED:
        return RowResult(index, row.slug, Verdict.UNCHANGED, row.version, integration_id=row.id)
    before = {one["field"]: one["before"] for one in change.diff}
    try:
        with transaction.atomic():
            if row.version != change.integration_version:
                raise VersionMoved(row.version)
            saved = update_integration(
                slug=row.slug, changes=before, expected_version=change.integration_version, actor=actor, viewer=viewer, now=now
            )
    except DomainError as error:
        return refused(index, row.slug, error)
    diff = [Difference(one["field"], one["after"], one["before"]) for one in change.diff]
    return RowResult(index, saved.slug, Verdict.CHANGED, saved.version, diff, integration_id=saved.id)


def refused(index: int, slug: str, error: DomainError) -> RowResult:
    """A row that `error` stopped."""
    return RowResult(index, without_secrets(slug), Verdict.REFUSED, problem=error)


def slug_of(row: Any) -> str:
    """The slug that a row names; empty where it names none."""
    slug = row.get("slug", "") if isinstance(row, Mapping) else ""
    return slug if isinstance(slug, str) else ""
