"""How many of the found integrations have which value: all filters apply, and only what the viewer may see is counted.

At most one statement for the columns of the row, one for its endpoints, one each for domains, environments and tags, and one for the
names of each kind; none grows with the number of values.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.domain.viewers import Viewer
from accounts.models import Team
from catalog.models import DataObject, Domain, Environment, FlowEndpoint, Integration, LiveRelease, System
from catalog.selectors.finding import narrowed, related_q
from foundation.filters import ParsedQuery

MOST_VALUES = 50
COLUMNS = {"team": "team_id", "stage": "stage", "tier": "tier", "type": "type", "visibility": "visibility", "calls_ai": "calls_ai"}
FACETS = (*COLUMNS, "system", "data_object", "domain", "environment", "tag")
# Of the columns all but the team have few values: they are counted together, and taken apart here.
_FEW = tuple(name for name in COLUMNS if name != "team")
# An area counts what lies in the areas below it, as the filter does. Each system and data object says by one bit for each area where it
# lies; an integration lies wherever its ends do. So every end is looked at once, however deep the areas are, and integrations that lie
# in the same areas are counted together.
_DOMAINS = """
WITH RECURSIVE above(id, area) AS (
  SELECT id, id FROM catalog_domain WHERE tombstoned_at IS NULL
  UNION
  SELECT above.id, domain.parent_id FROM above JOIN catalog_domain AS domain ON domain.id = above.area WHERE domain.parent_id IS NOT NULL
),
place(area, bit, none) AS MATERIALIZED (
  SELECT area, (row_number() OVER () - 1)::int, repeat('0', (count(*) OVER ())::int)::varbit FROM (SELECT DISTINCT area FROM above) AS areas
),
lies(id, bits) AS MATERIALIZED (
  SELECT above.id, bit_or(set_bit(none, bit, 1)) FROM above JOIN place USING (area) GROUP BY above.id
),
alike(bits, count) AS MATERIALIZED (
  SELECT bits, count(*) FROM (
    SELECT bit_or(coalesce(one.bits | other.bits, one.bits, other.bits)) AS bits
      FROM ({ends}) AS ends
      JOIN catalog_system AS system ON system.id = ends.system_id
      LEFT JOIN lies AS one ON one.id = system.domain_id
      LEFT JOIN catalog_dataobject AS item ON item.id = ends.data_object_id
      LEFT JOIN lies AS other ON other.id = item.domain_id
     GROUP BY ends.integration_id
  ) AS integration WHERE bits IS NOT NULL GROUP BY bits
)
SELECT area, sum(alike.count)::int FROM alike JOIN place ON get_bit(alike.bits, place.bit) = 1 GROUP BY area
"""


@dataclass(frozen=True, slots=True)
class Value:
    """One value, as the filter takes it, with its name and how many integrations have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The most frequent values. `other_values` more have `other_count` together. With `is_multiple` one integration may have several."""

    name: str
    is_multiple: bool
    values: Sequence[Value]
    other_values: int
    other_count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The facets in the order asked for, and how many integrations were found."""

    facets: Sequence[Facet]
    count: int


def facets_of(query: ParsedQuery, viewer: Viewer, names: Collection[str] = FACETS) -> Facets:
    """Count what the query finds for this viewer, by the facets named."""
    plan, rest = narrowed(Integration.objects.visible_to(viewer), query)
    found = rest.apply(plan).order_by()
    counts: dict[str, Counter[Any]] = {}
    total = _of_columns(found, names, counts)
    ends = FlowEndpoint.objects.filter(related_q(query, "endpoints"), integration__in=found.values("pk")).order_by()
    _of_ends(ends, names, counts)
    if "domain" in names:
        counts["domain"] = Counter(dict(_wrapped(_DOMAINS, ends.values("integration_id", "system_id", "data_object_id"), "ends")))
    if "environment" in names:
        live = LiveRelease.objects.filter(related_q(query, "live_releases"), integration__in=found.values("pk")).order_by()
        pairs = live.values("environment_id", "integration_id")
        counts["environment"] = Counter(
            dict(_wrapped("SELECT environment_id, count(DISTINCT integration_id) FROM ({rows}) AS rows GROUP BY 1", pairs))
        )
    if "tag" in names:
        told = "SELECT tag, count(*) FROM ({rows}) AS rows, unnest(rows.tags) AS tag GROUP BY tag"
        counts["tag"] = Counter(dict(_wrapped(told, found.values("id", "tags"))))
    return Facets([_facet(name, counts[name]) for name in FACETS if name in names], total)


def _of_columns(found: QuerySet[Integration], names: Collection[str], counts: dict[str, Counter[Any]]) -> int:
    """Every integration has one value of each: the sums are the count."""
    few = [COLUMNS[name] for name in _FEW if name in names]
    is_few, team = ("GROUPING(team_id)", "team_id") if "team" in names else ("1", "NULL")
    sets = ", ".join([*(["(team_id)"] if "team" in names else []), f"({', '.join(few)})"])
    told = f"SELECT {is_few}, count(*), {team}, {', '.join(few) or 'NULL'} FROM ({{rows}}) AS rows GROUP BY GROUPING SETS ({sets})"  # noqa: S608
    counts.update({name: Counter() for name in COLUMNS if name in names})
    total = 0
    for of_few, count, owner, *values in _wrapped(told, found.values("team_id", *few)):
        if not of_few:
            counts["team"][owner] += count
            continue
        total += count
        for name, value in zip((name for name in _FEW if name in names), values, strict=False):
            counts[name][value] += count
    return total


def _of_ends(ends: QuerySet[FlowEndpoint], names: Collection[str], counts: dict[str, Counter[Any]]) -> None:
    wanted = [name for name in ("system", "data_object") if name in names]
    if not wanted:
        return
    listed = ", ".join(f"{name}_id" for name in wanted)
    sets = ", ".join(f"({name}_id)" for name in wanted)
    told = f"SELECT count(DISTINCT integration_id), GROUPING({listed}), {listed} FROM ({{rows}}) AS rows GROUP BY GROUPING SETS ({sets})"  # noqa: S608
    counts.update({name: Counter() for name in wanted})
    for count, mask, *ids in _wrapped(told, ends.values("integration_id", *(f"{name}_id" for name in wanted))):
        at = 0 if len(wanted) == 1 or mask == 1 else 1
        if ids[at] is not None:  # an end whose data object is not known yet
            counts[wanted[at]][ids[at]] += count


def _wrapped(statement: str, rows: QuerySet[Any, Any], name: str = "rows") -> Iterable[Any]:
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement.replace(f"{{{name}}}", sql), params)
        return list(cursor.fetchall())


_MULTIPLE = frozenset({"system", "data_object", "domain", "environment", "tag"})
_NAMED: Mapping[str, Callable[[], QuerySet[Any]]] = {
    "team": Team.objects.all,
    "system": lambda: System.objects.filter(tombstoned_at__isnull=True),
    "data_object": lambda: DataObject.objects.filter(tombstoned_at__isnull=True),
    "domain": Domain.objects.all,
    "environment": Environment.objects.all,
}


def _facet(name: str, counts: Counter[Any]) -> Facet:
    shown = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    rest = shown[MOST_VALUES:]
    values = _values(name, shown[:MOST_VALUES])
    return Facet(name, name in _MULTIPLE, values, len(rest), sum(count for _, count in rest))


def _values(name: str, shown: Sequence[tuple[Any, int]]) -> list[Value]:
    if name not in _NAMED:
        return [Value(word := str(value).lower() if isinstance(value, bool) else str(value), word, count) for value, count in shown]
    rows = _NAMED[name]().filter(pk__in=[value for value, _ in shown]).values_list("pk", "slug", "title")
    named = {key: (slug, title) for key, slug, title in rows}
    found = [Value(*named[value], count) for value, count in shown if value in named]
    return sorted(found, key=lambda value: (-value.count, value.label.casefold(), value.value))
