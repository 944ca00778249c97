"""What hangs on an entity that somebody wants to delete: in the catalog, on runtimes, and on its way through the gate.

Every finding that can stand in the way is there, seen or not: the plan's token is bound to all of them. What the viewer may not see
carries no name. What something unseen declares towards the entity stands in no way, and is not there, as on every page of relations.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from accounts.domain.viewers import Viewer
from catalog.domain.lifecycle import StageKind
from catalog.domain.vocabulary import INVERSE, EntityKind, RelationType
from catalog.models import Connection, DataObject, Domain, FlowEndpoint, Integration, LiveRelease, Pin, Relation, System
from catalog.models.integration import visible_q
from catalog.selectors import deletables, lifecycles
from governance.domain.deletion import Finding, Group, Plan, way_out
from governance.domain.lifecycle import TERMINAL
from governance.domain.stages import findings as guards_of
from governance.models import ChangeRequest
from governance.selectors.change_requests import effective_state
from governance.selectors.stage_facts import facts_of
from governance.selectors.stages import failed
from runtime_adapters.models import Deployment, DesiredState

_Find = Callable[[Any, Viewer, datetime], Iterable[Finding]]
_PRESENT = Q(integration__tombstoned_at__isnull=True)


def plan_of(kind: EntityKind, row: Any, viewer: Viewer, now: datetime) -> Plan:
    """What deleting `row` would meet now. The number of queries depends on the kind only."""
    found = [finding for find in (*_FINDERS[kind], _relations) for finding in find(row, viewer, now)]
    return Plan(kind.value, str(row.pk), row.version, deletables.is_retired(kind, row), tuple(found))


def _seen(viewer: Viewer, path: str = "") -> Any:
    """An annotation: whether the viewer may see the integration at the end of `path`."""
    return ExpressionWrapper(visible_q(viewer, path), output_field=BooleanField())


def _endpoints(**where: Any) -> QuerySet[Any]:
    rows = FlowEndpoint.objects.filter(_PRESENT, **where).order_by("integration__slug_key", "id")
    return rows.select_related("integration", "data_object").defer("integration__search_text", "integration__search_vector")


def _endpoints_of(field: str) -> _Find:
    def find(row: Any, viewer: Viewer, _now: datetime) -> Iterator[Finding]:
        for end in _endpoints(**{field: row}).annotate(seen=_seen(viewer, "integration__")):
            what = f"{end.role}, {end.operation}" + (f" {end.data_object.title}" if end.data_object else "")
            yield _about_integration(Group.ENDPOINTS, end.pk, end.integration, what, is_seen=end.seen)

    return find


def _pins(row: Any, viewer: Viewer, _now: datetime) -> Iterator[Finding]:
    pins = Pin.objects.filter(component_version__component=row, release__integration__tombstoned_at__isnull=True)
    pins = pins.select_related("release__integration", "component_version").order_by("release__integration__slug_key", "id")
    for pin in pins.annotate(seen=_seen(viewer, "release__integration__")).defer(
        "release__manifest", "release__manifest_bytes", "component_version__content", "release__integration__search_text"
    ):
        what = f"{pin.release.version} uses {pin.component_version.number}"
        yield _about_integration(Group.PINS, pin.pk, pin.release.integration, what, is_seen=pin.seen)


def _alternatives(row: Any, viewer: Viewer, _now: datetime) -> Iterator[Finding]:
    rows = Integration.objects.filter(tombstoned_at__isnull=True, deprecation__alternative=str(row.pk)).exclude(pk=row.pk)
    found: QuerySet[Any] = rows.annotate(seen=_seen(viewer)).only("slug", "title").order_by("slug_key")
    for other in found:
        yield _about_integration(Group.ALTERNATIVES, other.pk, other, "", is_seen=other.seen)


def _about_integration(group: Group, ref: UUID, integration: Any, detail: str, *, is_seen: bool) -> Finding:
    if not is_seen:
        return Finding(group, str(ref), str(integration.pk), is_seen=False)
    kind = EntityKind.INTEGRATION.value
    return Finding(group, str(ref), str(integration.pk), kind, integration.slug, integration.title, detail)


def _rows_with(group: Group, kind: EntityKind, field: str) -> _Find:
    """Landscape that names the entity in `field`: everybody signed in sees it."""
    model: Any = {
        EntityKind.SYSTEM: System,
        EntityKind.DATA_OBJECT: DataObject,
        EntityKind.DOMAIN: Domain,
        EntityKind.CONNECTION: Connection,
    }[kind]

    def find(row: Any, _viewer: Viewer, _now: datetime) -> Iterator[Finding]:
        for other in model.objects.filter(tombstoned_at__isnull=True, **{field: row}).order_by("slug_key"):
            yield Finding(group, str(other.pk), field, kind.value, other.slug, other.title, "retired" if other.retired_at else "")

    return find


def _live(row: Any, _viewer: Viewer, _now: datetime) -> Iterator[Finding]:
    rows = LiveRelease.objects.filter(integration=row).select_related("environment", "release")
    for live in rows.defer("release__manifest", "release__manifest_bytes").order_by("environment__rank", "runtime_key"):
        place = f"{live.environment.title} · {live.runtime_key}"
        yield Finding(
            Group.LIVE, str(live.pk), str(live.release_id), "release", live.release.version, place, f"{live.release.version} runs"
        )


def _desired(row: Any, _viewer: Viewer, _now: datetime) -> Iterator[Finding]:
    rows = DesiredState.objects.filter(slot__integration=row, release__isnull=False).defer("payload")
    for wanted in rows.select_related("slot__environment", "slot__runtime", "release").order_by("slot__environment__rank", "slot_id"):
        place = f"{wanted.slot.environment.title} · {wanted.slot.runtime.slug}"
        version = wanted.release.version if wanted.release else ""
        state = f"{wanted.timeline}.{wanted.generation}"
        yield Finding(Group.DESIRED, str(wanted.slot_id), state, "slot", version, place, f"{version} should run")


def _deployments(row: Any, _viewer: Viewer, _now: datetime) -> Iterator[Finding]:
    rows = Deployment.objects.filter(slot__integration=row, settled_at__isnull=True)
    for sent in rows.select_related("slot__environment", "slot__runtime").order_by("requested_at", "id"):
        place = f"{sent.slot.environment.title} · {sent.slot.runtime.slug}"
        yield Finding(Group.DEPLOYMENTS, str(sent.pk), sent.state, "deployment", str(sent.pk), place, f"on its way: {sent.state}")


def _changes(row: Any, _viewer: Viewer, now: datetime) -> Iterator[Finding]:
    for change in ChangeRequest.objects.filter(integration=row).exclude(state__in=TERMINAL).order_by("number"):
        state = effective_state(change, now)
        if state not in TERMINAL:
            yield Finding(
                Group.CHANGES, str(change.pk), state.value, "change-request", str(change.number), f"CR-{change.number}", state.value
            )


def _lifecycle(row: Any, viewer: Viewer, now: datetime) -> Iterator[Finding]:
    """What its lifecycle still asks for before it may end; nothing once it has."""
    lifecycle = lifecycles.lifecycle_of(row)
    if lifecycle.kind(row.stage) is StageKind.FINAL:
        return
    move = way_out(lifecycle, row.stage)
    if move is None:
        ways = ", ".join(lifecycle.title(each.target) for each in lifecycle.moves_from(row.stage)) or "nowhere"
        detail = f"From {lifecycle.title(row.stage)} it goes to: {ways}."
        yield Finding(Group.LIFECYCLE, "no-way-out", row.stage, title=lifecycle.title(row.stage), detail=detail)
        return
    asked = facts_of(row, viewer, counts_hidden=False, now=now)
    for guard in failed(guards_of(move.guards, asked)):
        yield Finding(Group.LIFECYCLE, guard.guard, row.stage, title=lifecycle.title(move.target), detail=guard.sentence)


def _relations(row: Any, viewer: Viewer, _now: datetime) -> Iterator[Finding]:
    rows = list(Relation.objects.filter(Q(source_id=row.pk) | Q(target_id=row.pk)).order_by("type", "id"))
    ends = [_other_end(relation, row.pk) for relation in rows]
    present, seen = _known(ends, viewer)
    for relation, (kind, other) in zip(rows, ends, strict=True):
        outward = relation.source_id == row.pk
        if other in present and (outward or other in seen):
            word = relation.type if outward else INVERSE[RelationType(relation.type)]
            yield _related(relation, kind, word, seen.get(other))


def _other_end(relation: Any, own: UUID) -> tuple[EntityKind, UUID]:
    if relation.source_id == own:
        return EntityKind(relation.target_kind), relation.target_id
    return EntityKind(relation.source_kind), relation.source_id


def _known(ends: Iterable[tuple[EntityKind, UUID]], viewer: Viewer) -> tuple[set[UUID], dict[UUID, Any]]:
    """Which of the ends exist, and the rows of those that the viewer may see: at most two queries a kind."""
    by_kind: dict[EntityKind, set[UUID]] = {}
    for kind, key in ends:
        by_kind.setdefault(kind, set()).add(key)
    present: set[UUID] = set()
    seen: dict[UUID, Any] = {}
    for kind, keys in by_kind.items():
        if kind not in deletables.MODELS:  # environments are never deleted, and are no dependants
            continue
        rows = deletables.MODELS[kind].objects.filter(pk__in=keys, tombstoned_at__isnull=True)
        present |= set(rows.values_list("pk", flat=True))
        seen |= {other.pk: other for other in deletables.visible(kind, viewer).filter(pk__in=keys)}
    return present, seen


def _related(relation: Any, kind: EntityKind, word: str, other: Any) -> Finding:
    if other is None:
        return Finding(Group.RELATIONS, str(relation.pk), relation.type, is_seen=False)
    return Finding(Group.RELATIONS, str(relation.pk), relation.type, kind.value, other.slug, other.title, word.replace("-", " "))


_FINDERS: Mapping[EntityKind, tuple[_Find, ...]] = {
    EntityKind.INTEGRATION: (_live, _desired, _deployments, _changes, _lifecycle, _alternatives),
    EntityKind.SYSTEM: (
        _endpoints_of("system"),
        _rows_with(Group.CONNECTIONS, EntityKind.CONNECTION, "system"),
        _rows_with(Group.DATA_OBJECTS, EntityKind.DATA_OBJECT, "system_of_record"),
    ),
    EntityKind.DATA_OBJECT: (_endpoints_of("data_object"),),
    EntityKind.DOMAIN: (
        _rows_with(Group.SYSTEMS, EntityKind.SYSTEM, "domain"),
        _rows_with(Group.DATA_OBJECTS, EntityKind.DATA_OBJECT, "domain"),
        _rows_with(Group.DOMAINS, EntityKind.DOMAIN, "parent"),
    ),
    EntityKind.COMPONENT: (_pins,),
    EntityKind.CONNECTION_TEMPLATE: (_rows_with(Group.CONNECTIONS, EntityKind.CONNECTION, "template"),),
    EntityKind.CONNECTION: (),
}
