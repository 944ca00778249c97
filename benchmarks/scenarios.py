"""What is asked of the service, which bare request each is held against, and what it should cost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.estate import Estate
from benchmarks.lanes import reading, runtime, writing
from benchmarks.lanes.base import CONNECTIONS
from benchmarks.load import Lane

OK = frozenset({200})


@dataclass(frozen=True, slots=True)
class Scenario:
    """`lane(estate, number)` gives the requests of one connection. `bare` names its reference in BARE.

    `prepare(estate, seconds)` makes the supply of what can be used only once. `most_ms` are aims
    for lines of it, such as `database_cpu` or `p50`. `rows`: one answer holds every integration, and rows/s are told too.
    `is_slow`: takes seconds, so it is warmed up by one request. `reads_all`: is asked about every row, so it may scan tables.
    """

    name: str
    lane: Callable[[Estate, int], Lane]
    bare: str
    expected: frozenset[int] = OK
    connections: int = CONNECTIONS
    prepare: Callable[[Estate, float], None] | None = None
    params: dict[str, Any] = field(default_factory=dict)
    most_ms: Mapping[str, float] = field(default_factory=dict)
    rows: bool = False
    is_slow: bool = False
    reads_all: bool = False


SCENARIOS: Sequence[Scenario] = (
    Scenario("list50_administrator", reading.list_of(50), "list"),
    Scenario("list50_limited", reading.list_of(50, "limited"), "list"),
    Scenario("list50_filtered", reading.filtered, "list"),
    Scenario("list50_five_filters", reading.five_filters(), "list"),
    Scenario("facets", reading.facets, "list", params={"facets": len(reading.FACETS), "filters": 5}),
    Scenario("facets_of_all", reading.all_facets, "list", params={"facets": len(reading.FACETS)}, reads_all=True),
    Scenario("list50_one_connection", reading.list_of(50, "limited"), "list", connections=1),
    Scenario("deep_page", reading.deep, "deep", params={"at": 0.9}),
    Scenario("detail", reading.detail, "detail"),
    Scenario("search", reading.search, "search", params={"found": 0.02}, most_ms={"database_cpu": 8}),
    Scenario("search_rare", reading.search_rare, "search", params={"found": 10}, most_ms={"database_cpu": 8}),
    Scenario("suggestions", reading.suggest, "detail"),
    Scenario("graph_around", reading.graph_around, "detail", params={"depth": 1}),
    Scenario(
        "closure", reading.closure, "detail", connections=1, params={"depth": 6, "nodes": 10_000}, most_ms={"p50": 2_000}, is_slow=True
    ),
    Scenario("past_list50", reading.past_list, "list"),
    Scenario("past_relations", reading.past_relations, "list"),
    Scenario("export", reading.export, "list", connections=1, rows=True, is_slow=True, reads_all=True),
    Scenario("create", writing.create, "insert", frozenset({201})),
    Scenario("update", writing.update, "insert"),
    Scenario("submit", writing.submit, "row", frozenset({201})),
    Scenario("vote", writing.vote, "row", frozenset({201}), prepare=writing.supply_open),
    Scenario("deciding_vote", writing.deciding_vote, "row", frozenset({201}), prepare=writing.supply_voted),
    Scenario("intake", runtime.intake, "intake", params={"batch": runtime.READINGS}),
    Scenario("pull_all", runtime.pull, "detail", params={"slots": 50}),
    Scenario("pull_unchanged", runtime.poll, "detail", frozenset({200, 304}), params={"slots": 50}),
)
