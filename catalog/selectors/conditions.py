"""What the filters of integrations mean that no single look-up says. Names are followed as everywhere: an alias leads to its entity."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Case, CharField, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.db.models.lookups import In

from accounts.models import Team, User
from catalog.domain.connections import SOON, Upkeep
from catalog.domain.vocabulary import EntityKind
from catalog.models import DataObject, Name, Pin, System
from foundation.filters import FilterField, condition
from foundation.text import BadText, fold, slug_key

Build = Callable[[Sequence[str]], Q]
OWNER_COLUMNS = ("technical_owner", "business_owner", "on_call", "data_steward")
_DOMAINS_BELOW = """
WITH RECURSIVE below(id) AS (
  SELECT entity_id FROM catalog_name WHERE kind = 'domain' AND key = ANY(%s)
  UNION
  SELECT area.id FROM catalog_domain AS area JOIN below ON area.parent_id = below.id WHERE area.tombstoned_at IS NULL
) SELECT id FROM below
"""
_TEAMS_BELOW = """
WITH RECURSIVE below(id) AS (
  SELECT id FROM accounts_team WHERE slug_key = ANY(%s)
  UNION
  SELECT team.id FROM accounts_team AS team JOIN below ON team.parent_id = below.id
) SELECT id FROM below
"""
SHORTEST_BEGINNING = 2  # of a name with a * behind it
_ESCAPED = re.compile(r"[\\%_]")


class BadWildcard(BadText):
    """A * stands where none may."""

    code = "bad-wildcard"


def named(kind: EntityKind, column: str) -> Build:
    """`column` is one of the entities that have these names, now or before a rename."""
    return lambda keys: one_of(column, Name.objects.filter(kind=kind, key__in=keys).values("entity_id"), keys)


def by_name(kind: EntityKind, column: str, on: str = "") -> FilterField:
    """A filter by the slug that an entity has or had before a rename; `column` leads to it, from the relation `on` where it is given."""
    return condition(named(kind, column), parse=slug_key, on=on)


def of_teams(keys: Sequence[str]) -> Q:
    """Owned by one of these teams."""
    return one_of("team", Team.objects.filter(slug_key__in=keys).values("pk"), keys)


def below_teams(keys: Sequence[str]) -> Q:
    """Owned by one of these teams or by a team below one."""
    return Q(team__in=RawSQL(_TEAMS_BELOW, [list(keys)]))  # noqa: S611 - a constant; the names are parameters


def in_domains(keys: Sequence[str]) -> Q:
    """An end in one of these domains or in one below: by its system or by its data object."""
    below = RawSQL(_DOMAINS_BELOW, [list(keys)])  # noqa: S611 - a constant; the names are parameters
    return Q(system__in=System.objects.filter(domain__in=below)) | Q(data_object__in=DataObject.objects.filter(domain__in=below))


def carried_name(typed: str) -> str:
    """Folded `email`, `customer.email`, `customer`, or the beginning of a name with a `*` behind it. Raises BadWildcard."""
    name = fold(typed.strip()).removeprefix("*.")
    if not name or "*" in name[:-1] or (name.endswith("*") and len(name) <= SHORTEST_BEGINNING):
        raise BadWildcard(f"A * may stand at the end, after at least {SHORTEST_BEGINNING} characters, or for a data object: *.email.")
    return name


def carrying(names: Sequence[str]) -> Q:
    """An end with one of these fields (`email`, `customer.email`, `customer.e*`) or any of a data object (`customer`, `customer.*`)."""
    found = Q()
    if exact := [name for name in names if not name.endswith("*")]:
        found |= Q(carried__overlap=exact)
    if begun := [_ESCAPED.sub(r"\\\g<0>", name[:-1]) + "%" for name in names if name.endswith("*")]:
        any_of_them = " OR ".join(["name LIKE %s"] * len(begun))
        found |= Q(carried__overlap=RawSQL(f"ARRAY(SELECT name FROM catalog_carriedname WHERE {any_of_them})", begun))  # noqa: S608, S611
    if items := [slug_key(name) for name in (each.removesuffix(".*") for each in names) if not {".", "*"} & set(name)]:
        found |= named(EntityKind.DATA_OBJECT, "data_object")(items)
    return found


def owned_by(keys: Sequence[str]) -> Q:
    """Somebody of these user names has a role or is a co-owner."""
    found = Q()
    for key in keys:
        account = User.objects.filter(username_key=key).values("pk")[:1]
        found |= Q(*[Q(**{column: account}) for column in OWNER_COLUMNS], _connector=Q.OR) | Q(co_owners__contains=[account])
    return found


def needing(upkeeps: Sequence[str]) -> Q:
    """A connection that needs one of these now: `catalog.domain.connections.upkeep` in SQL, by the database's clock."""
    now, every = Now(), F("rotate_every_days") * Value(timedelta(days=1), output_field=DurationField())
    expired, soon = Q(expires_at__lte=now), Q(expires_at__lte=now + SOON)
    due = Q(rotated_at__isnull=True) | Q(rotated_at__lte=now - ExpressionWrapper(every, output_field=DurationField()))
    told = Case(
        When(expired, then=Value(Upkeep.EXPIRED)),
        When(Q(rotate_every_days__isnull=False) & due, then=Value(Upkeep.ROTATION_DUE)),
        When(soon, then=Value(Upkeep.EXPIRES_SOON)),
        default=Value(Upkeep.FINE),
        output_field=CharField(),
    )
    return Q(In(told, list(upkeeps)))


def labelled(labels: Sequence[str]) -> Q:
    """One of the labels: `key:value`, or `key` with any value."""
    found = Q()
    for label in labels:
        key, colon, value = label.partition(":")
        found |= Q(labels__contains={key: value}) if colon else Q(labels__has_key=key)
    return found


def built_with(keys: Sequence[str]) -> Q:
    """A release of it pins a version of one of these components."""
    component = Name.objects.filter(kind=EntityKind.COMPONENT, key__in=keys).values("entity_id")
    pins = Pin.objects.filter(one_of("component_version__component", component, keys))
    return Q(Exists(pins.filter(release__integration=OuterRef("pk"))))


def one_of(column: str, ids: QuerySet[Any, Any], keys: Sequence[str]) -> Q:
    """One id is compared as a scalar, so that an index on the column still gives its order; several by `IN`."""
    return Q(**{column: ids[:1]}) if len(keys) == 1 else Q(**{f"{column}__in": ids})
