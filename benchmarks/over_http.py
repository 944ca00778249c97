"""Scenarios through the real server, each beside its bare reference in the same run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import statements
from benchmarks.estate import Estate
from benchmarks.lines import progress, told
from benchmarks.load import Connection, Lane, Load, drive
from benchmarks.scenarios import BARE, CONNECTIONS, SCENARIOS, Scenario
from benchmarks.servers import Server, serving

WARM_REQUESTS = 6  # on each connection: database sessions, prepared plans, caches
MOST_ERRORS = 0.01
OURS, OUR_PROBE = "config.wsgi:application", "/healthz"
BARE_APP, BARE_PROBE = "benchmarks.bare_app:application", "/nothing"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one drive cost, per request."""

    load: Load
    app_ms: float
    database_ms: float | None

    @property
    def rate(self) -> float:
        return self.load.requests / self.load.seconds if self.load.seconds else 0.0

    @property
    def is_valid(self) -> bool:
        return self.load.requests > 0 and self.load.errors <= self.load.requests * MOST_ERRORS


def measured(server: Server, lanes: Sequence[Lane], expected: frozenset[int], *, seconds: float, warm: int = WARM_REQUESTS) -> Figures:
    """Warm up, then drive for `seconds`."""
    connections = [Connection(server.port, lane) for lane in lanes]
    try:
        drive(connections, expected, seconds=seconds * 2 + 5, most=warm)
        before = server.usage()
        load = drive(connections, expected, seconds=seconds)
        after = server.usage()
    finally:
        for connection in connections:
            connection.close()
    requests = load.requests or 1
    database = None if before.database_ms is None or after.database_ms is None else after.database_ms - before.database_ms
    return Figures(load, (after.app_ms - before.app_ms) / requests, None if database is None else max(database, 0.0) / requests)


def run(estate: Estate, chosen: Sequence[Scenario], *, seconds: float, folder: Path, server: str = "gthread") -> list[str]:
    """Measure the scenarios and say the lines; return the names of those that were not valid."""
    references: dict[tuple[str, int], Figures] = {}
    needed = dict.fromkeys((scenario.bare, scenario.connections) for scenario in chosen)
    with serving(BARE_APP, BARE_PROBE, log=folder / "bare.log", kind=server) as bare:
        for name, connections in needed:
            lanes = [BARE[name](estate, number) for number in range(connections)]
            references[name, connections] = found = measured(bare, lanes, frozenset({200}), seconds=seconds)
            progress(f"bare {name}: {found.app_ms:.2f} ms, {found.rate:.0f} requests/s {found.load.odd}")
            _tell(f"bare_{name}", found, {"scale": estate.scale, "connections": connections, "server": server})
    failed = [f"bare_{name}" for (name, _), found in references.items() if not found.is_valid]
    with serving(OURS, OUR_PROBE, log=folder / "server.log", kind=server) as ours:
        told("server.boot", ours.boot_s, "s", server=server)
        for scenario in chosen:
            failed += _one(estate, scenario, ours, references[scenario.bare, scenario.connections], seconds=seconds, server=server)
        told("server.worker_memory", ours.memory_mb(), "MB", server=server)
    return failed


def _one(estate: Estate, scenario: Scenario, ours: Server, bare: Figures, *, seconds: float, server: str) -> list[str]:
    if scenario.prepare:
        scenario.prepare(estate, seconds)
    sql, control, status = statements.count(scenario.lane(estate, CONNECTIONS))
    lanes = [scenario.lane(estate, number) for number in range(scenario.connections)]
    found = measured(ours, lanes, scenario.expected, seconds=seconds, warm=2 if scenario.prepare else WARM_REQUESTS)
    progress(f"{scenario.name}: {found.app_ms:.2f} ms, {found.rate:.0f} requests/s, {sql} SQL {found.load.odd}")
    params = {"scale": estate.scale, "connections": scenario.connections, "server": server, **scenario.params}
    _tell(scenario.name, found, params)
    told(f"{scenario.name}.sql", sql, "statements/request", transaction_control=control, **params)
    if found.app_ms and found.rate and bare.rate:
        told(f"{scenario.name}.ratio", bare.app_ms / found.app_ms, "bare CPU / ours", bare=scenario.bare, **params)
        told(f"{scenario.name}.rate_ratio", found.rate / bare.rate, "our requests/s / bare", bare=scenario.bare, **params)
    return [] if found.is_valid and status in scenario.expected else [scenario.name]


def _tell(name: str, found: Figures, params: dict[str, object]) -> None:
    """Lines of one drive; more than one error in a hundred makes them invalid."""
    load = found.load
    marks = {**params, "requests": load.requests, "errors": load.errors}
    if not found.is_valid:
        marks |= {"invalid": True, "odd": load.odd}
    told(f"{name}.cpu", found.app_ms, "ms/request", **marks)
    if found.database_ms is not None:
        told(f"{name}.database_cpu", found.database_ms, "ms/request", **marks)
    told(f"{name}.rate", found.rate, "requests/s", **marks)
    told(f"{name}.p50", load.percentile_ms(0.50), "ms", **marks)
    told(f"{name}.p99", load.percentile_ms(0.99), "ms", **marks)


def names() -> list[str]:
    """Of all scenarios over HTTP."""
    return [scenario.name for scenario in SCENARIOS]
