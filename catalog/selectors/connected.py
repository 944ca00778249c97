"""What connects a thing of the landscape: endpoints of integrations that the viewer may see, what is live where, what lies in what."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.domain.viewers import Viewer
from catalog.domain.trees import below
from catalog.domain.vocabulary import EntityKind
from catalog.models import Connection, DataObject, Domain, Environment, FlowEndpoint, LiveRelease, System
from catalog.models.integration import visible_q
from catalog.selectors import components, connections, domains, landscape


def endpoints_of_system(system: System, viewer: Viewer) -> QuerySet[FlowEndpoint]:
    """Who reads and writes here: by integration, then role."""
    return _endpoints(viewer).filter(system=system)


def endpoints_of_data_object(data_object: DataObject, viewer: Viewer) -> QuerySet[FlowEndpoint]:
    """Who carries it, where to and where from: by integration, then role."""
    return _endpoints(viewer).filter(data_object=data_object)


def data_objects_of(system: System, viewer: Viewer) -> QuerySet[DataObject]:
    """What the system is the record of, and what visible integrations move in or out of it."""
    moved = _endpoints(viewer).filter(system=system, data_object__isnull=False).order_by().values("data_object_id")
    rows = landscape.data_objects()
    return rows.filter(system_of_record=system) | rows.filter(pk__in=moved)


def live_in(environment: Environment, viewer: Viewer) -> QuerySet[LiveRelease]:
    """What runs there, of integrations that the viewer may see."""
    rows = LiveRelease.objects.filter(visible_q(viewer, "integration__"), environment=environment)
    rows = rows.select_related("integration__team", "release").defer("release__manifest", "release__manifest_bytes")
    return rows.order_by("integration__slug_key", "runtime_key", "id")


def connections_of(**ends: Any) -> QuerySet[Connection]:
    """Connections of one `system`, `environment`, `template` or `team`, in the order of environments."""
    return connections.connections().filter(**ends).order_by("environment__rank", "environment__slug_key", "slug_key", "id")


def kept_by(team_id: UUID) -> dict[EntityKind, QuerySet[Any]]:
    """What of the landscape the team keeps, by kind. A data object is kept where `landscape.keeper_of_data_object` says."""
    objects = Q(system_of_record__team=team_id) | Q(system_of_record__team__isnull=True, domain__team=team_id)
    return {
        EntityKind.SYSTEM: landscape.systems().filter(team=team_id),
        EntityKind.DATA_OBJECT: landscape.data_objects().filter(objects),
        EntityKind.COMPONENT: components.components().filter(team=team_id),
        EntityKind.DOMAIN: landscape.domains().filter(team=team_id),
    }


def domains_below(domain: Domain) -> list[Domain]:
    """What lies directly in the domain."""
    return list(landscape.domains().filter(parent=domain))


def lying_in(domain: Domain, plan: QuerySet[Any]) -> QuerySet[Any]:
    """The systems or data objects of `plan` in the domain and in those below it."""
    return plan.filter(domain_id__in=below(domains.parents(), domain.pk))


def _endpoints(viewer: Viewer) -> QuerySet[FlowEndpoint]:
    rows = FlowEndpoint.objects.filter(visible_q(viewer, "integration__")).select_related("integration__team", "system", "data_object")
    return rows.order_by("integration__slug_key", "role", "id")
