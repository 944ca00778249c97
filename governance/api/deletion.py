"""Deletion plans, retirement, tombstones and restoring over HTTP: the same three commands for every kind of named thing."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.domain.rights import require_administrator
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import deletables
from catalog.selectors import tombstones as tombstone_selectors
from foundation.edge.schema import listed
from foundation.edge.serializers import CommandSerializer, ReadSerializer
from foundation.edge.views import Edge
from governance.domain.deletion import BLOCKS, DEPENDANTS, RUNNING, UNBLOCKERS, Finding, Group, Plan, Step, blocking
from governance.services import deletion

SHOWN = 100
_KINDS = "One of: " + ", ".join(deletables.MODELS)
_GROUPS = "One of: " + ", ".join(Group)


class DependantSerializer(ReadSerializer):
    """One thing that you may see; its page has the address of its kind and slug."""

    kind = serializers.CharField()
    slug = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()


class DependantsSerializer(ReadSerializer):
    """What hangs on it in one way. `count` has all of it, `hidden` what you may not see, `items` at most 100 of the rest."""

    group = serializers.CharField(help_text=_GROUPS)
    count = serializers.IntegerField()
    hidden = serializers.IntegerField()
    blocks = serializers.CharField(allow_null=True, help_text="The first step that it stands in the way of: retire or tombstone.")
    who_can_unblock = serializers.CharField()
    items = DependantSerializer(many=True)


class PlaceSerializer(ReadSerializer):
    """Where something of it runs, should run, or is on its way."""

    group = serializers.CharField(help_text=_GROUPS)
    place = serializers.CharField()
    detail = serializers.CharField()


class HoldSerializer(ReadSerializer):
    """What keeps it for the moment."""

    code = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()


class BlockerSerializer(ReadSerializer):
    """What stands in the way of the next step, and who can clear it."""

    code = serializers.CharField(help_text=_GROUPS)
    count = serializers.IntegerField()
    who_can_unblock = serializers.CharField()


class StepSerializer(ReadSerializer):
    step = serializers.CharField(help_text="retire or tombstone")
    state = serializers.CharField(help_text="done, next, blocked or later")


class DeletionPlanSerializer(ReadSerializer):
    """What deleting it would meet, and the token that the next step asks for: it is bound to exactly this."""

    kind = serializers.CharField(help_text=_KINDS)
    slug = serializers.CharField()
    title = serializers.CharField()
    version = serializers.IntegerField()
    is_retired = serializers.BooleanField()
    dependants = DependantsSerializer(many=True)
    live_deployments = PlaceSerializer(many=True)
    holds = HoldSerializer(many=True)
    blockers = BlockerSerializer(many=True)
    steps = StepSerializer(many=True)
    token = serializers.CharField()
    may_proceed = serializers.BooleanField()


class TombstoneSerializer(ReadSerializer):
    """What was deleted; `id` is the entity's own."""

    id = serializers.UUIDField()
    kind = serializers.CharField(help_text=_KINDS)
    slug = serializers.CharField()
    title = serializers.CharField()
    team = serializers.CharField(source="team.slug", allow_null=True)
    by = serializers.CharField(source="by.username", allow_null=True)
    at = serializers.DateTimeField()


class RestoredSerializer(ReadSerializer):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text=_KINDS)
    slug = serializers.CharField()
    title = serializers.CharField()
    version = serializers.IntegerField()


class DeletionTokenSerializer(CommandSerializer):
    token = serializers.CharField(max_length=8000, help_text="Of the plan that was looked at.")


class RestoreSerializer(CommandSerializer):
    slug = serializers.CharField(max_length=63, required=False, help_text="A new name, where its own was given to another.")


def told(row: Any, plan: Plan) -> dict[str, Any]:
    """The plan in the shape of DeletionPlanSerializer."""
    by_group: dict[Group, list[Finding]] = defaultdict(list)
    for finding in plan.findings:
        by_group[finding.group].append(finding)
    stops = blocking(plan, plan.step)
    return {
        "kind": plan.kind,
        "slug": row.slug,
        "title": row.title,
        "version": plan.version,
        "is_retired": plan.is_retired,
        "dependants": [_dependants(group, by_group[group]) for group in DEPENDANTS if by_group[group]],
        "live_deployments": [{"group": group, "place": each.title, "detail": each.detail} for group in RUNNING for each in by_group[group]],
        "holds": _holds(plan, [*by_group[Group.CHANGES], *by_group[Group.LIFECYCLE]]),
        "blockers": [{"code": each, "count": len(by_group[each]), "who_can_unblock": UNBLOCKERS[each]} for each in stops],
        "steps": _steps(plan),
        "token": plan.token,
        "may_proceed": plan.may_proceed,
    }


def _dependants(group: Group, found: Sequence[Finding]) -> dict[str, Any]:
    seen = [finding for finding in found if finding.is_seen]
    items = [{"kind": each.kind, "slug": each.slug, "title": each.title, "detail": each.detail} for each in seen[:SHOWN]]
    hidden = len(found) - len(seen)
    more = {"blocks": BLOCKS[group], "who_can_unblock": UNBLOCKERS.get(group, "")}
    return {"group": group, "count": len(found), "hidden": hidden, "items": items, **more}


def _holds(plan: Plan, found: Sequence[Finding]) -> list[dict[str, Any]]:
    holds = [{"code": each.group, "title": each.title, "detail": each.detail} for each in found]
    if not plan.is_retired:
        holds.append({"code": "not-retired", "title": "Not retired", "detail": "Only what is retired can be deleted."})
    return holds


def _steps(plan: Plan) -> list[dict[str, Any]]:
    ready = "next" if plan.may_proceed else "blocked"
    states = ("done", ready) if plan.is_retired else (ready, "later")
    return [{"step": step, "state": state} for step, state in zip(Step, states, strict=True)]


class _OfOne(Edge):
    """One entity; the route names its kind."""

    kind: ClassVar[EntityKind] = EntityKind.INTEGRATION

    def planned(self, row: Any, plan: Plan) -> Response:
        return self.answer(DeletionPlanSerializer(told(row, plan)).data, etag=row.version)


class DeletionPlan(_OfOne):
    """What would go with it."""

    scopes: ClassVar = {"post": "catalog:read"}

    @extend_schema(request=None, responses=DeletionPlanSerializer)
    def post(self, request: Any, slug: str) -> Response:
        """Show what hangs on it, what stands in the way, and the token of the next step. Writes nothing."""
        return self.planned(*deletion.preview(kind=self.kind, slug=slug, viewer=request.viewer, now=request.now))


class _Step(_OfOne):
    def seen(self, slug: str) -> str:
        """The token; after it is clear that the caller may act at all."""
        deletables.require_right(self.kind, deletables.get(self.kind, slug, self.request.viewer), self.request.viewer)
        return str(self.read(DeletionTokenSerializer)["token"])


class Retirement(_Step):
    """Out of use."""

    scopes: ClassVar = {"post": "catalog:write"}

    @extend_schema(request=DeletionTokenSerializer, responses=DeletionPlanSerializer)
    def post(self, _request: Any, slug: str) -> Response:
        """Retire it: nothing new may use it. Answers the plan of the next step, with its token."""
        return self.planned(*deletion.retire(kind=self.kind, slug=slug, token=self.seen(slug), **self.by()))


class Reinstatement(_OfOne):
    """In use again."""

    scopes: ClassVar = {"post": "catalog:write"}

    @extend_schema(request=None, responses=DeletionPlanSerializer)
    def post(self, _request: Any, slug: str) -> Response:
        """Take its retirement back."""
        return self.planned(*deletion.reinstate(kind=self.kind, slug=slug, **self.by()))


class Burial(_Step):
    """Gone."""

    scopes: ClassVar = {"post": "catalog:write"}

    @extend_schema(request=DeletionTokenSerializer, responses={201: TombstoneSerializer})
    def post(self, _request: Any, slug: str) -> Response:
        """Delete it: retired before, and nothing in the way. An administrator can restore it."""
        stone = deletion.tombstone(kind=self.kind, slug=slug, token=self.seen(slug), **self.by())
        return self.answer(TombstoneSerializer(stone).data, status=201)


class Tombstones(Edge):
    """What was deleted."""

    scopes: ClassVar = {"get": "admin"}
    filters = tombstone_selectors.FILTERS

    @extend_schema(responses=listed(TombstoneSerializer))
    def get(self, request: Any) -> Response:
        """List what was deleted and may be restored (administrators)."""
        require_administrator(request.viewer)
        return self.page(TombstoneSerializer, tombstone_selectors.tombstones())


class Restoration(Edge):
    """Back again."""

    scopes: ClassVar = {"post": "admin"}

    @extend_schema(request=RestoreSerializer, responses=RestoredSerializer)
    def post(self, request: Any, tombstone_id: UUID) -> Response:
        """Bring the same identity back, with all that hung on it (administrators)."""
        require_administrator(request.viewer)
        command = self.read(RestoreSerializer)
        by = {"actor": request.actor, "viewer": request.viewer, "now": request.now}
        kind, row = deletion.restore(tombstone_id=tombstone_id, **command, **by)
        shown = {"kind": kind, **{name: getattr(row, name) for name in ("id", "slug", "title", "version")}}
        return self.answer(RestoredSerializer(shown).data, etag=row.version)


def _routes(kind: EntityKind) -> list[URLPattern]:
    steps: dict[str, Callable[..., Any]] = {
        "deletion-plan": DeletionPlan.as_view(kind=kind),
        "retire": Retirement.as_view(kind=kind),
        "tombstone": Burial.as_view(kind=kind),
    }
    if kind is not EntityKind.INTEGRATION:
        steps["reinstate"] = Reinstatement.as_view(kind=kind)
    of_one = f"{deletables.COLLECTIONS[kind]}/<str:slug>"
    return [path(f"{of_one}/{step}", view, name=f"{kind.value}-{step}") for step, view in steps.items()]


urlpatterns = [
    *(route for kind in deletables.MODELS for route in _routes(kind)),
    path("tombstones", Tombstones.as_view(), name="tombstones"),
    path("tombstones/<uuid:tombstone_id>/restore", Restoration.as_view(), name="tombstone-restore"),
]
