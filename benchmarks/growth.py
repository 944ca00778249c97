"""Whether longer pages ask more statements: the same request for ten rows and for two hundred."""

from collections.abc import Callable, Mapping

from benchmarks import statements
from benchmarks.estate import Estate
from benchmarks.lanes import reading
from benchmarks.lanes.base import get
from benchmarks.lines import told
from benchmarks.load import Lane
from catalog.domain.vocabulary import EntityKind

SHORT, LONG = 10, 200


def _path(path: str) -> Callable[[int], Callable[[Estate, int], Lane]]:
    def of(limit: int) -> Callable[[Estate, int], Lane]:
        def lane(estate: Estate, _number: int) -> Lane:
            while True:
                told = {"past": estate.past, "related": estate.related, "system": estate.systems[0], "integration": estate.slugs[1]}
                yield get(path.format(limit=limit, **told), estate.limited)

        return lane

    return of


# Everything whose answer can be made longer.
ASKED: Mapping[str, Callable[[int], Callable[[Estate, int], Lane]]] = {
    "list": lambda limit: reading.list_of(limit, "limited"),
    "list_of_everything": reading.list_of,
    "list_five_filters": reading.five_filters,
    "search": _path("/integrations?limit={limit}&q=word"),
    "past_list": _path("/integrations?limit={limit}&as_of={past}"),
    "past_relations": _path("/relations?limit={limit}&as_of={related}"),
    "relations": _path("/relations?limit={limit}"),
    "relations_of_one": _path("/integrations/{integration}/relations?limit={limit}"),
    "releases_of_one": _path("/integrations/{integration}/releases?limit={limit}"),
    "systems": _path("/systems?limit={limit}"),
    "data_objects": _path("/data-objects?limit={limit}"),
    "components": _path("/components?limit={limit}"),
    "graph": _path("/graph?node=system:{system}&depth=1&limit={limit}"),
    "gaps": _path("/ownership-gaps?limit={limit}"),
}
# Names are looked up once for each kind of thing that a page names: a longer page may name more kinds, but there are only so many.
KINDS = len(EntityKind)
BY_KIND = frozenset({"past_relations", "relations", "relations_of_one", "graph"})


def growth(estate: Estate) -> dict[str, tuple[int, int]]:
    """Name → (statements of a short page, of a long one), of those that grow with the rows."""
    found = {}
    for name, asked in ASKED.items():
        pair = [statements.count(asked(limit)(estate, 0)) for limit in (SHORT, LONG)]
        assert all(counted.status == 200 for counted in pair), (name, [counted.status for counted in pair])
        found[name] = (pair[0].sql, pair[1].sql)
    grown = {name: (few, many) for name, (few, many) in found.items() if not 0 <= many - few <= (KINDS if name in BY_KIND else 0)}
    told("sql_growth", len(grown), "requests that ask more statements for a longer page", asked=found, limits=[SHORT, LONG])
    return grown
