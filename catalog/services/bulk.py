"""Many edits in one command: tried row by row, each in a savepoint, so that one refused row leaves the others as they are.

A trial run is the real one, rolled back: what it tells is what would happen.
"""

from collections.abc import Mapping, Sequence
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
from catalog.domain.errors import BatchMissing, BatchUndone, IntegrationMissing, TooManyRows, VersionNeeded
from catalog.models import BulkBatch, Integration
from catalog.selectors import integrations
from catalog.selectors import sheets as selectors
from catalog.services.integrations import register_integration, update_integration
from foundation.conditional import VersionMoved
from foundation.errors import DomainError, FieldError
from foundation.secrets import without_secrets
from foundation.text import slug_key

SUBJECT = "catalog.bulk"
_NEEDED = ("title", "purpose", "type", "team", "tier", "endpoints")


class Verdict(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


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
        results = _Run(actor, viewer, now).results(rows)
        if dry_run:
            transaction.set_rollback(True)
    if dry_run:
        return Outcome(None, is_dry_run=True, results=results)
    outcome = Outcome(None, is_dry_run=False, results=results)
    batch = _keep(results, viewer, now)
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
    batch = selectors.batches_of(viewer).select_for_update(of=("self",)).filter(pk=batch_id).first()
    if batch is None:
        raise BatchMissing
    if batch.undone_at is not None:
        raise BatchUndone
    with command_context(request_id=request_id()):
        results = [_undone(index, change, actor=actor, viewer=viewer, now=now) for index, change in enumerate(batch.changes)]
    batch.undone_at = now
    batch.save(update_fields=["undone_at"])
    outcome = Outcome(batch.id, is_dry_run=False, results=results)
    counts = outcome.counts
    facts = {"rows": len(results), "restored": counts["changed"], "refused": counts["refused"]}
    record("catalog.bulk.undone", subject=(SUBJECT, batch.id), actor=actor, at=now, facts=facts)
    return outcome


class _Run:
    """One pass over the rows, in the order of slugs so that two batches never wait for each other in a circle."""

    def __init__(self, actor: Actor, viewer: Viewer, now: datetime) -> None:
        self._viewer = viewer
        self._by: dict[str, Any] = {"actor": actor, "viewer": viewer, "now": now}

    def results(self, rows: Sequence[Any]) -> list[RowResult]:
        faults = [sheets.shape_faults(row) for row in rows]
        sound = [row["slug"] for row, wrong in zip(rows, faults, strict=True) if not wrong]
        present = selectors.records_of(sound, self._viewer)
        found: list[RowResult] = []
        seen: set[str] = set()
        for index in sorted(range(len(rows)), key=lambda at: (slug_key(_slug(rows[at])), at)):
            row, key = rows[index], slug_key(_slug(rows[index]))
            wrong = faults[index] or ([FieldError("/slug", "duplicate", "The same integration has two rows.")] if key in seen else [])
            seen.add(key)
            found.append(_refused(index, _slug(row), Invalid(errors=wrong)) if wrong else self._one(index, row, present.get(key)))
        return sorted(found, key=lambda result: result.index)

    def _one(self, index: int, row: Mapping[str, Any], before: Mapping[str, Any] | None) -> RowResult:
        try:
            with transaction.atomic():
                found = before or self._renamed(row["slug"])
                return self._registered(index, row) if found is None and "version" not in row else self._changed(index, row, found)
        except DomainError as error:
            return _refused(index, row["slug"], error)

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
        wanted = {name: value for name, value in row.items() if name in sheets.EDITABLE and value != before[name]}
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


def with_addresses(wanted: Sequence[Any], present: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Endpoints that name no address keep the one they have."""
    known = {_identity(end): end.get("address", "") for end in present}
    return [
        {**end, "address": known[_identity(end)]} if isinstance(end, Mapping) and "address" not in end and _identity(end) in known else end
        for end in wanted
    ]


def _identity(end: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(slug_key(str(end.get(name) or "")) for name in ("system", "data_object", "role", "operation"))


def _keep(results: Sequence[RowResult], viewer: Viewer, now: datetime) -> BulkBatch | None:
    """What is needed to undo it; None when nothing was changed."""
    done = [row for row in results if row.verdict in {Verdict.CHANGED, Verdict.CREATED}]
    if not done:
        return None
    changes = [
        {
            "integration": str(row.integration_id),
            "verdict": row.verdict.value,
            "version": row.version,
            "before": {one.field: one.before for one in row.diff},
            "after": {one.field: one.after for one in row.diff},
        }
        for row in done
    ]
    return BulkBatch.objects.create(by_id=viewer.user_id, changes=changes, created_at=now)


def _undone(index: int, change: Mapping[str, Any], *, actor: Actor, viewer: Viewer, now: datetime) -> RowResult:
    row = Integration.objects.visible_to(viewer).filter(pk=change["integration"]).only("slug", "version").first()
    if row is None:
        return _refused(index, "", BatchMissing("The integration is no longer there, or you may no longer see it."))
    if change["verdict"] == Verdict.CREATED:
        return RowResult(index, row.slug, Verdict.UNCHANGED, row.version, integration_id=row.id)
    try:
        with transaction.atomic():
            if row.version != change["version"]:
                raise VersionMoved(row.version)
            saved = update_integration(
                slug=row.slug, changes=change["before"], expected_version=change["version"], actor=actor, viewer=viewer, now=now
            )
    except DomainError as error:
        return _refused(index, row.slug, error)
    diff = [Difference(name, change["after"].get(name), value) for name, value in change["before"].items()]
    return RowResult(index, saved.slug, Verdict.CHANGED, saved.version, diff, integration_id=saved.id)


def _refused(index: int, slug: str, error: DomainError) -> RowResult:
    return RowResult(index, without_secrets(slug), Verdict.REFUSED, problem=error)


def _slug(row: Any) -> str:
    slug = row.get("slug", "") if isinstance(row, Mapping) else ""
    return slug if isinstance(slug, str) else ""
