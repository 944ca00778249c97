"""Applying one file: every part of it found by its identity, then created, updated, left alone, or held up with the reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from catalog.domain.imports.drafts import ComponentDraft, FileDraft, IntegrationDraft, RelationDraft
from catalog.domain.rights import may_edit
from catalog.domain.vocabulary import EntityKind
from catalog.models import Component, FieldSource, FlowEndpoint, ImportFile, ImportSource, Integration
from catalog.selectors import entities
from catalog.services import components, documents, integrations
from catalog.services.imports import divergences, values
from catalog.services.imports.joining import PREFIX, Joiner, waiting_told
from catalog.services.imports.landing import Landing

Verdict = ImportFile.Verdict
DEFAULT_TIER = 3


@dataclass(slots=True)
class Outcome:
    """What came of one file."""

    verdict: str = Verdict.UNCHANGED
    reasons: list[str] = field(default_factory=list)
    created: list[dict[str, str]] = field(default_factory=list)
    waiting: list[RelationDraft] = field(default_factory=list)  # relations to what is not here yet

    def is_at_least(self, verdict: Verdict, reason: str = "") -> None:
        """Attention outweighs created, created outweighs updated, updated outweighs unchanged."""
        order = [Verdict.UNCHANGED, Verdict.UPDATED, Verdict.CREATED, Verdict.ATTENTION]
        self.verdict = max(Verdict(self.verdict), verdict, key=order.index)
        if reason:
            self.reasons.append(reason)


@dataclass(frozen=True, slots=True)
class Applier:
    """One batch's way of applying files: for which team and label, on whose word."""

    label: str
    team: str
    landing: Landing
    actor: Actor
    viewer: Viewer

    def apply(self, draft: FileDraft, *, path: str, digest: str, now: datetime) -> Outcome:
        """Apply everything the file says. Raises the domain errors of the commands it calls; then nothing of it is to be kept."""
        outcome = Outcome(reasons=list(draft.remarks))
        sources = {row.part: row for row in ImportSource.objects.select_for_update().filter(label=self.label, path=path)}
        file = _File(self, draft, path, digest, now, outcome, is_known=bool(sources))
        self.landing.settle(draft, outcome.created, file.by)
        if outcome.created:
            file.made()
        for component in draft.components:
            file.component(component, sources.get(component.part))
        for integration in draft.integrations:
            file.integration(integration, sources.get(integration.part))
        file.relations()
        if outcome.verdict == Verdict.CREATED:
            outcome.reasons.append(file.same_content())
        outcome.reasons.extend(self.landing.owners_told(draft.owners))
        return outcome

    def join(self, waiting: Sequence[RelationDraft], *, path: str, digest: str, now: datetime) -> list[str]:
        """Write the relations of a file that waited for the batch's later ones; sentences about those that still miss an end."""
        by = {"actor": self.actor, "viewer": self.viewer, "now": now}
        joined = Joiner(self.label, path, digest, by).join(waiting)
        return [*joined.reasons, waiting_told(joined.waiting)]


@dataclass(frozen=True, slots=True)
class _File:
    """One file being applied."""

    batch: Applier
    draft: FileDraft
    path: str
    digest: str
    now: datetime
    outcome: Outcome
    is_known: bool

    def made(self) -> None:
        """Something new was registered: a new file is created by it, one that was imported before is updated."""
        self.outcome.is_at_least(Verdict.UPDATED if self.is_known else Verdict.CREATED)

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.batch.actor, "viewer": self.batch.viewer, "now": self.now}

    def component(self, draft: ComponentDraft, source: ImportSource | None) -> None:
        """A component is registered once; what people make of it afterwards is theirs."""
        if source is not None:
            if not Component.objects.filter(pk=source.entity_id, tombstoned_at__isnull=True).exists():
                self.outcome.is_at_least(Verdict.ATTENTION, f"The component {draft.title!r} was deleted; restore it to import it again.")
            self._seen(source)
            return
        slug = self.batch.landing.free_slug(EntityKind.COMPONENT, draft.title)
        row = components.register_component(
            slug=slug, title=draft.title, kind=draft.kind, description=draft.description, team=self.batch.team, **self.by
        )
        self._register(EntityKind.COMPONENT, draft.part, row)

    def integration(self, draft: IntegrationDraft, source: ImportSource | None) -> None:
        """Create it, or bring what a machine filled up to date."""
        wanted = values.said(draft, self.batch.landing.ends(draft.endpoints))
        if source is None:
            self._create(draft, wanted)
            return
        found = Integration.objects.select_related("team").defer("search_text", "search_vector").filter(pk=source.entity_id).first()
        if found is None or not may_edit(self.batch.viewer, found.team_id):
            self.outcome.is_at_least(Verdict.ATTENTION, self._refused(draft, source))
            return
        if found.tombstoned_at is not None:
            self.outcome.is_at_least(Verdict.ATTENTION, f"{draft.title!r} was deleted here; restore it to import it again.")
        else:
            self._update(found, draft, wanted)
        self._seen(source)

    def _refused(self, draft: IntegrationDraft, source: ImportSource) -> str:
        """Why the importer may not bring it up to date: of what may not be seen no more than that the place is taken."""
        if Integration.objects.visible_to(self.batch.viewer).filter(pk=source.entity_id).exists():
            return f"{draft.title!r} belongs to a team that you may not edit for."
        return "This path of the source is taken; import the file under another label."

    def _create(self, draft: IntegrationDraft, wanted: dict[str, Any]) -> None:
        row = integrations.register_integration(
            slug=self.batch.landing.free_slug(EntityKind.INTEGRATION, draft.title),
            team=self.batch.team,
            tier=DEFAULT_TIER,
            labels=values.labels_with({}, self.draft, draft),
            provenance=self.batch.label,
            **wanted,
            **self.by,
        )
        if draft.notes:
            self._write_notes(row.slug, draft.notes, None)
        self._fill(row, {**wanted, values.NOTES: draft.notes})
        self._register(EntityKind.INTEGRATION, draft.part, row)

    def _update(self, found: Integration, draft: IntegrationDraft, wanted: dict[str, Any]) -> None:
        rows = FlowEndpoint.objects.filter(integration=found).select_related("system", "data_object")
        has = values.present(found, rows)
        owned = {row.field: row.value_digest for row in FieldSource.objects.filter(integration=found)}
        differing = [name for name in values.FIELDS if wanted[name] != has[name]]
        ours = [name for name in differing if owned.get(name) == values.digest(has[name])]
        changes: dict[str, Any] = {name: wanted[name] for name in ours}
        labels = values.labels_with(found.labels, self.draft, draft)
        if labels != found.labels:
            changes["labels"] = labels
        if changes:
            self._change(found, changes)
        self._fill(found, {name: wanted[name] for name in ours})
        theirs = {name: wanted[name] for name in differing if name not in ours and wanted[name] not in ("", [])}
        self._notes(found, draft.notes, owned.get(values.NOTES), theirs)
        self._diverge(found, theirs)

    def _change(self, found: Integration, changes: dict[str, Any]) -> None:
        integrations.update_integration(slug=found.slug, changes=changes, expected_version=None, provenance=self.batch.label, **self.by)
        self.outcome.is_at_least(Verdict.UPDATED)

    def _notes(self, found: Integration, notes: str, owned: str | None, theirs: dict[str, Any]) -> None:
        """The file's notes are the overview until a person writes it."""
        document = found.documents.filter(section=values.NOTES_SECTION).first()
        body = document.body if document else ""
        if not notes or notes == body:
            return
        if owned == values.digest(body):
            self._write_notes(found.slug, notes, document.version if document else None)
            self._fill(found, {values.NOTES: notes})
            self.outcome.is_at_least(Verdict.UPDATED)
        else:
            theirs[values.NOTES] = notes

    def _write_notes(self, slug: str, notes: str, version: int | None) -> None:
        documents.write_document(integration=slug, section=values.NOTES_SECTION, body=notes, expected_version=version, **self.by)

    def _diverge(self, found: Integration, theirs: dict[str, Any]) -> None:
        raised = divergences.raise_divergences(
            integration=found, said=theirs, label=self.batch.label, path=self.path, actor=self.batch.actor, now=self.now
        )
        if raised:
            names = ", ".join(sorted(name.partition(":")[2] or name for name in raised))
            self.outcome.is_at_least(Verdict.ATTENTION, f"A person set {names} of {found.slug}; the file says something else.")

    def _fill(self, integration: Integration, filled: dict[str, Any]) -> None:
        """Note which fields the machine filled, and with what."""
        rows = [
            FieldSource(
                integration=integration,
                field=name,
                label=self.batch.label,
                path=self.path,
                value_digest=values.digest(value),
                at=self.now,
            )
            for name, value in filled.items()
        ]
        told = ["label", "path", "value_digest", "at"]
        if rows:
            FieldSource.objects.bulk_create(rows, update_conflicts=True, unique_fields=["integration", "field"], update_fields=told)

    def _register(self, kind: EntityKind, part: str, row: Any) -> None:
        ImportSource.objects.create(
            label=self.batch.label,
            path=self.path,
            part=part,
            kind=kind,
            entity_id=row.id,
            content_digest=self.digest,
            seen_at=self.now,
        )
        self.outcome.created.append({"kind": kind, "slug": row.slug})
        self.made()

    def relations(self) -> None:
        """Write what the file declares and take back what it no longer does."""
        if not (self.draft.relations or self.is_known):
            return
        joiner = Joiner(self.batch.label, self.path, self.digest, self.by)
        for joined in (joiner.withdraw(self.draft.relations), joiner.join(self.draft.relations)):
            if joined.changed:
                self.outcome.is_at_least(Verdict.UPDATED)
            self.outcome.reasons.extend(dict.fromkeys(joined.reasons))
            self.outcome.waiting.extend(joined.waiting)

    def same_content(self) -> str:
        """The path under which the same bytes are imported already: told, because a path is what identity hangs on."""
        same = ImportSource.objects.filter(label=self.batch.label, content_digest=self.digest).exclude(path=self.path)
        for path, kind, key in same.exclude(part__startswith=PREFIX).order_by("path").values_list("path", "kind", "entity_id")[:3]:
            named = entities.names_of([(EntityKind(kind), key)], self.batch.viewer)
            if named:
                return f"The same content is imported from {path}, as {next(iter(named.values())).slug}: if the file was moved, delete one."
        return ""

    def _seen(self, source: ImportSource) -> None:
        ImportSource.objects.filter(pk=source.pk).update(content_digest=self.digest, seen_at=self.now)


def reason_of(sentences: Iterable[str]) -> str:
    """The sentences as one text that fits its column."""
    told = " ".join(dict.fromkeys(sentence for sentence in sentences if sentence))
    return told if len(told) <= 1000 else told[:999] + "\N{HORIZONTAL ELLIPSIS}"
