"""Reading imports: batches, the verdicts of their files, and where machines and people differ."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.domain.viewers import Viewer
from catalog.domain.errors import ImportBatchMissing
from catalog.domain.vocabulary import EntityKind
from catalog.models import Divergence, FieldSource, ImportBatch, ImportFile, Integration
from catalog.models.integration import visible_q
from catalog.selectors.conditions import by_name
from foundation.filters import choice, compile_filters
from foundation.filters import slug as slug_filter

Verdict = ImportFile.Verdict
_VERDICTS = {
    "created_count": Verdict.CREATED,
    "updated_count": Verdict.UPDATED,
    "unchanged_count": Verdict.UNCHANGED,
    "attention_count": Verdict.ATTENTION,
}
BATCHES = compile_filters(
    {"team": slug_filter("team__slug_key"), "state": choice("state", ImportBatch.State.values)},
    sorts={"created_at": ("created_at", "id")},
    default_sort="-created_at",
)
FILES = compile_filters({"verdict": choice("verdict", Verdict.values)}, sorts={"position": ("position", "id")}, default_sort="position")
DIVERGENCES = compile_filters(
    {"state": choice("state", Divergence.State.values), "integration": by_name(EntityKind.INTEGRATION, "integration")},
    sorts={"raised_at": ("raised_at", "id")},
    default_sort="-raised_at",
)


def batches_visible_to(viewer: Viewer) -> QuerySet[ImportBatch]:
    """Batches that the viewer queued, those of its teams, and for auditors and administrators all; newest first."""
    rows = ImportBatch.objects.select_related("team", "by").order_by("-created_at", "-id")
    return rows if viewer.sees_all else rows.filter(Q(by_id=viewer.user_id) | Q(team_id__in=viewer.team_ids))


def counted(rows: QuerySet[ImportBatch]) -> QuerySet[ImportBatch]:
    """The same with `file_count` and one count for each verdict."""
    verdicts = {name: Count("files", filter=Q(files__verdict=verdict)) for name, verdict in _VERDICTS.items()}
    return rows.annotate(file_count=Count("files"), **verdicts)


def get_batch(batch: UUID, viewer: Viewer) -> ImportBatch:
    """One batch with its counts. Raises ImportBatchMissing."""
    found = counted(batches_visible_to(viewer)).filter(pk=batch).first()
    if found is None:
        raise ImportBatchMissing
    return found


def files_of(batch: ImportBatch) -> QuerySet[ImportFile]:
    """Its files with their verdicts, in the order they came, without what was read from them."""
    return ImportFile.objects.filter(batch=batch).defer("draft").order_by("position", "id")


def seen_created(files: Sequence[ImportFile], viewer: Viewer) -> dict[UUID, list[dict[str, str]]]:
    """What each file created, without integrations that the viewer may not see (any more); one query."""
    named = {each["slug"] for file in files for each in file.created if each["kind"] == EntityKind.INTEGRATION}
    plan = Integration.objects.visible_to(viewer)
    seen = set(plan.filter(slug__in=named).values_list("slug", flat=True)) if named else set()
    return {file.pk: [each for each in file.created if each["kind"] != EntityKind.INTEGRATION or each["slug"] in seen] for file in files}


def tally(files: Iterable[ImportFile]) -> Counter[str]:
    """How many files have which verdict."""
    return Counter(file.verdict for file in files)


def divergences_visible_to(viewer: Viewer) -> QuerySet[Divergence]:
    """Divergences of integrations that the viewer may see, newest first."""
    rows = Divergence.objects.filter(visible_q(viewer, "integration__"))
    return rows.select_related("integration", "resolved_by").order_by("-raised_at", "-id")


def divergences_waiting_for(viewer: Viewer) -> QuerySet[Divergence]:
    """Open ones that the viewer may answer for one of its teams, those of one integration together."""
    rows = divergences_visible_to(viewer).filter(state=Divergence.State.OPEN, integration__team_id__in=viewer.team_ids)
    return rows.order_by("integration__slug_key", "field", "id")


def divergences_of(integration: Integration) -> QuerySet[Divergence]:
    """Those of one integration, which the caller has shown to be visible; open ones first."""
    rows = Divergence.objects.filter(integration=integration).select_related("integration", "resolved_by")
    return rows.order_by("-state", "-raised_at", "-id")


def field_sources_of(integration: Integration) -> list[Any]:
    """Which fields a machine filled and nobody has changed since: field, label, path, at."""
    return list(FieldSource.objects.filter(integration=integration).order_by("field"))
