"""Batches: files are read into drafts at once, kept as rows, and applied one by one; each file in a transaction of its own.

A batch's row is the queue. Whoever applies a file holds that file's row, so that two workers never apply one twice; a worker that dies
loses only the file it had begun, and the next goes on after its lease; a file that takes its worker with it each time is given up.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F, Q

from accounts.domain.errors import SlugTaken
from accounts.domain.inputs import Reading
from accounts.domain.viewers import Viewer
from accounts.selectors import teams, viewers
from audit.domain.actors import Actor
from audit.services.context import command_context
from audit.services.record import record
from catalog.domain.errors import ImportBatchEnded, ImportBatchMissing, NotYourIntegration
from catalog.domain.imports import FileDraft, as_json, from_json, read_file
from catalog.domain.imports.archives import Unpacked
from catalog.domain.imports.drafts import RelationDraft
from catalog.domain.rights import may_edit, require_editor
from catalog.models import ImportBatch, ImportFile
from catalog.selectors.imports import batches_visible_to
from catalog.services import queue
from catalog.services.imports.files import Applier, Outcome, reason_of
from catalog.services.imports.landing import Landing
from foundation.canonical import sha256_digest
from foundation.errors import DomainError

REHEARSAL_LEASE_S = 900  # all of a rehearsal's files are one step
MAX_PATH = 500
_log = logging.getLogger(__name__)
Verdict = ImportFile.Verdict
_UNDONE = Q(verdict="") | Q(draft__isnull=False)  # a draft is kept after the verdict where relations wait for later files
_GIVEN_UP = (
    f"It stopped its worker {queue.MAX_ATTEMPTS} times and was given up; import it alone, or in smaller parts. The service's log says more."
)


@transaction.atomic
def start_import(
    *,
    label: str,
    team: str,
    files: Iterable[Unpacked],
    is_dry_run: bool = False,
    is_applied_here: bool = False,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> ImportBatch:
    """Read the files ((path, content, or why it has none)) and queue what they say. Kept are drafts and reasons, never the content.

    `label` names the source: the same label and path is the same thing when it is imported again. `is_applied_here` keeps workers
    away for a lease's time, for a caller that applies the batch itself.
    Raises: TeamMissing, NotYourIntegration (403), Invalid (422).
    """
    reading = Reading()
    label = reading.line("label", label, most=120)
    owner = teams.team_by_slug(team)
    require_editor(viewer, owner.id)
    reading.close()
    batch = ImportBatch(label=label, team=owner, by_id=viewer.user_id, is_dry_run=is_dry_run, created_at=now)
    batch.next_check_at = now + timedelta(seconds=queue.LEASE_S) if is_applied_here else now
    batch.save(force_insert=True)
    rows = _read(batch, files)
    _record("started", batch, {"files": len(rows), "is_dry_run": is_dry_run}, actor, now)
    return batch


@transaction.atomic
def cancel_import(*, batch: UUID, actor: Actor, viewer: Viewer, now: datetime) -> ImportBatch:
    """Stop before the next file; what was applied stays. Who queued it, its team and administrators may.

    Raises: ImportBatchMissing, NotYourIntegration, ImportBatchEnded (409).
    """
    row = batches_visible_to(viewer).select_for_update(of=("self",)).filter(pk=batch).first()
    if row is None:
        raise ImportBatchMissing
    if row.by_id != viewer.user_id and not may_edit(viewer, row.team_id):
        raise NotYourIntegration
    if row.state not in queue.OPEN:
        raise ImportBatchEnded
    queue.cancel(row, now=now)
    _record("cancelled", row, {"files": row.files.filter(verdict="").count()}, actor, now)
    return row


class Run:
    """One worker's way through one batch: what it has looked up serves all its files."""

    def __init__(self, batch: UUID) -> None:
        self._batch = ImportBatch.objects.select_related("team", "by").get(pk=batch)
        viewer = viewers.viewer_of(self._batch.by)
        self._is_allowed = self._batch.by.is_active and may_edit(viewer, self._batch.team_id)
        self._applier = Applier(
            label=self._batch.label,
            team=self._batch.team.slug,
            landing=Landing(self._batch.team.slug),
            actor=viewers.actor_of(self._batch.by, method="import"),
            viewer=viewer,
        )

    def apply_next(self, *, now: datetime) -> bool:
        """Apply one file, or end the batch when none is left; False when there is no more to do here."""
        if self._batch.is_dry_run:
            self._rehearse(now)
            return False
        with command_context(), transaction.atomic():
            if not self._goes_on(now):
                return False
            begun = self._begun()
            if begun is None:
                return self._ended(now)
        with command_context(), transaction.atomic():
            if not self._goes_on(now):
                return False
            file = self._batch.files.select_for_update(skip_locked=True).filter(_UNDONE, pk=begun).first()
            if file is not None:
                self._step(file, now)
        return True

    def _begun(self) -> UUID | None:
        """The next file, noted as begun in a transaction of its own: what ends its worker leaves that note behind."""
        open_files = self._batch.files.select_for_update(skip_locked=True).order_by("position")
        file = open_files.filter(verdict="").first() or open_files.filter(_UNDONE).first()
        if file is None:
            return None
        file.attempts += 1
        file.save(update_fields=["attempts"])
        key: UUID = file.pk
        return key

    def _step(self, file: ImportFile, now: datetime) -> None:
        """Apply the file; when it was applied already, write what waited for the files after it."""
        if not file.verdict:
            self._keep(file, self._outcome(file, now))
            return
        reasons = [file.reason, *self._joined(file, from_json(file.draft or {}).relations, now)]
        file.reason, file.draft = reason_of(reasons), None
        file.save(update_fields=["reason", "draft"])

    def _joined(self, file: ImportFile, waiting: Sequence[RelationDraft], now: datetime) -> list[str]:
        if file.attempts > queue.MAX_ATTEMPTS:
            return [_GIVEN_UP]
        try:
            with transaction.atomic():
                return self._applier.join(waiting, path=file.path, digest=file.content_digest, now=now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # noqa: BLE001 - no file of a stranger may end the batch of the others
            _log.exception("relations could not be written", extra={"batch": str(self._batch.pk), "position": file.position})
            return ["Its relations could not be written; the service's log says why."]

    def _goes_on(self, now: datetime) -> bool:
        """Renew the lease, unless somebody cancelled."""
        return queue.goes_on(self._batch, now=now, lease_s=REHEARSAL_LEASE_S if self._batch.is_dry_run else queue.LEASE_S)

    def _outcome(self, file: ImportFile, now: datetime) -> Outcome:
        """Nothing of a file that fails is kept but the reason. What another import registered meanwhile is looked up once more."""
        if file.draft is None:
            return Outcome(Verdict.ATTENTION, [file.reason])
        if file.attempts > queue.MAX_ATTEMPTS:
            return Outcome(Verdict.ATTENTION, [_GIVEN_UP])
        if not self._is_allowed:
            return Outcome(Verdict.ATTENTION, [str(NotYourIntegration())])
        for _attempt in (1, 2):
            try:
                with transaction.atomic():
                    return self._applier.apply(from_json(file.draft), path=file.path, digest=file.content_digest, now=now)
            except (SlugTaken, IntegrityError):
                self._applier.landing.forget()
            except DomainError as error:
                self._applier.landing.forget()
                return Outcome(Verdict.ATTENTION, [str(error), *(f"{fault.pointer}: {fault.detail}" for fault in error.errors[:5])])
            except (OperationalError, InterfaceError):
                raise
            except Exception:  # noqa: BLE001 - no file of a stranger may end the batch of the others
                self._applier.landing.forget()
                _log.exception("a file could not be applied", extra={"batch": str(self._batch.pk), "position": file.position})
                return Outcome(Verdict.ATTENTION, ["It could not be applied; the service's log says why."])
        return Outcome(Verdict.ATTENTION, ["Somebody else registered the same name at the same time; import it again."])

    def _rehearse(self, now: datetime) -> None:
        """All files in one transaction that is taken back, so that each meets what those before it would have made."""
        with command_context(), transaction.atomic():
            if not self._goes_on(now):
                return
            self._batch.files.filter(verdict="").update(attempts=F("attempts") + 1)
        with command_context(), transaction.atomic():
            outcomes = [(file, self._outcome(file, now)) for file in self._batch.files.filter(verdict="").order_by("position")]
            for file, outcome in outcomes:
                if outcome.waiting:
                    outcome.reasons.extend(self._joined(file, outcome.waiting, now))
                    outcome.waiting.clear()
            transaction.set_rollback(True)
        with command_context(), transaction.atomic():
            if self._goes_on(now):
                for file, outcome in outcomes:
                    self._keep(file, outcome)
                self._ended(now)

    def _keep(self, file: ImportFile, outcome: Outcome) -> None:
        file.verdict, file.reason, file.created = outcome.verdict, reason_of(outcome.reasons), outcome.created
        file.draft = as_json(FileDraft("", relations=tuple(outcome.waiting))) if outcome.waiting else None  # the rest has served
        file.attempts = 0
        file.save(update_fields=["verdict", "reason", "created", "draft", "attempts"])

    def _ended(self, now: datetime) -> bool:
        """Close the batch unless another worker still applies a file of it."""
        if self._batch.files.filter(_UNDONE).exists():
            return False
        if queue.close(self._batch, now=now):
            counted = Counter(self._batch.files.values_list("verdict", flat=True))
            facts = {name: counted[verdict] for name, verdict in _FACTS.items()}
            more = {"files": sum(counted.values()), "is_dry_run": self._batch.is_dry_run}
            _record("finished", self._batch, {**more, **facts}, self._applier.actor, now)
        return False


_FACTS = {"created": Verdict.CREATED, "updated": Verdict.UPDATED, "unchanged": Verdict.UNCHANGED, "attention": Verdict.ATTENTION}


def _read(batch: ImportBatch, files: Iterable[Unpacked]) -> list[ImportFile]:
    """Rows of what was read; a second file of the same path is told so."""
    rows: list[ImportFile] = []
    seen: set[str] = set()
    for position, (path, content) in enumerate(files):
        named, reason = _path(path, seen, position)
        seen.add(named)
        answer = reason or (read_file(path, content) if isinstance(content, bytes) else str(content))
        draft = as_json(answer) if isinstance(answer, FileDraft) else None
        told = "" if draft is not None else str(answer)
        rows.append(
            ImportFile(
                batch=batch,
                position=position,
                path=named,
                content_digest=sha256_digest(content if isinstance(content, bytes) else b""),
                draft=draft,
                reason=told[:1000],
            )
        )
    return ImportFile.objects.bulk_create(rows, batch_size=500)


def _path(path: str, seen: set[str], position: int) -> tuple[str, str]:
    reading = Reading()
    named = reading.line("path", path, most=MAX_PATH)
    if reading.faults:
        return f"#{position + 1}", f"Its name cannot be kept: {reading.faults[0].detail}"
    if named in seen:
        return f"{named[:480]}#{position + 1}", "Another file of this import has the same path."
    return named, ""


def _record(verb: str, batch: ImportBatch, facts: dict[str, object], actor: Actor, now: datetime) -> None:
    subject = ("catalog.import_batch", batch.pk)
    texts = {"label": batch.label}
    record(f"catalog.import.{verb}", subject=subject, actor=actor, at=now, facts={"team": batch.team_id, **facts}, texts=texts)
