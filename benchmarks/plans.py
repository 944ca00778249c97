"""How the database reads: the plans of the statements that a block of code runs, and which large tables it would read from end to end.

with read_plans() as plans:
    client.get("/api/v1/integrations?system=erp")
assert plans.sequential(over_rows=100_000) == []
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

_READS = ("SELECT", "(SELECT", "WITH")


@dataclass(frozen=True, slots=True)
class Scan:
    """A table read from end to end, how many rows the statistics give it, and the statement."""

    table: str
    rows: int
    statement: str


@dataclass(slots=True)
class Plans:
    """Of every reading statement, in the order in which they ran: (statement, root of its plan)."""

    found: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def look_at(self, statements: Iterable[str]) -> None:
        """Plan those that read, each text once."""
        for statement in dict.fromkeys(statements):
            if statement.startswith(_READS):
                self.found.append((statement, plan_of(statement)))

    def sequential(self, *, over_rows: int = 100_000) -> list[Scan]:
        """Sequential scans of tables with more rows than that, by the statistics of the last ANALYZE."""
        sizes = _sizes()
        return [
            Scan(node["Relation Name"], sizes.get(node["Relation Name"], 0), statement)
            for statement, root in self.found
            for node in nodes(root)
            if node["Node Type"] == "Seq Scan" and sizes.get(node["Relation Name"], 0) > over_rows
        ]

    def indexes(self) -> set[str]:
        """Names of the indexes that any of the plans uses."""
        return {str(node["Index Name"]) for _, root in self.found for node in nodes(root) if "Index Name" in node}


@contextmanager
def read_plans() -> Iterator[Plans]:
    """Capture what runs inside; the plans are there when the block has ended. Statements are planned again, not run again."""
    plans = Plans()
    with CaptureQueriesContext(connection) as captured:
        yield plans
    plans.look_at(query["sql"] for query in captured.captured_queries)


def plan_of(statement: str) -> dict[str, Any]:
    """The root of a statement's plan, as PostgreSQL describes it in JSON. The values must stand in the statement."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + statement.replace("%", "%%"), [])
        (told,) = cursor.fetchone()
    root: dict[str, Any] = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return root


def nodes(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The node and all below it."""
    yield root
    for below in root.get("Plans", ()):
        yield from nodes(below)


def _sizes() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reltuples::bigint FROM pg_class WHERE relkind IN ('r', 'p')")
        return dict(cursor.fetchall())
