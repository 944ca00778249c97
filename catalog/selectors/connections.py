"""Reading connection templates and connections: any signed-in person may; references only by those who keep or audit them."""

from django.db.models import QuerySet

from accounts.domain.viewers import Viewer
from catalog.domain.errors import ConnectionMissing, ConnectionTemplateMissing
from catalog.domain.rights import may_edit
from catalog.domain.vocabulary import EntityKind
from catalog.models import Connection, ConnectionTemplate
from catalog.selectors.landscape import named


def templates() -> QuerySet[ConnectionTemplate]:
    """All connection templates, by slug."""
    return ConnectionTemplate.objects.filter(tombstoned_at__isnull=True).order_by("slug_key", "id")


def connections() -> QuerySet[Connection]:
    """All connections with template, system, environment and team, by slug."""
    rows = Connection.objects.filter(tombstoned_at__isnull=True).select_related("template", "system", "environment", "team")
    return rows.order_by("slug_key", "id")


def template_by_slug(slug: str) -> ConnectionTemplate:
    """The template of any spelling of the slug. Raises ConnectionTemplateMissing."""
    found: ConnectionTemplate = named(templates(), EntityKind.CONNECTION_TEMPLATE, slug, ConnectionTemplateMissing)
    return found


def connection_by_slug(slug: str) -> Connection:
    """The connection of any spelling of the slug. Raises ConnectionMissing."""
    found: Connection = named(connections(), EntityKind.CONNECTION, slug, ConnectionMissing)
    return found


def sees_references(connection: Connection, viewer: Viewer) -> bool:
    """The owning team, administrators and auditors; of a past state, the team that keeps the connection today."""
    return viewer.sees_all or may_edit(viewer, getattr(connection, "kept_by", connection.team_id))
