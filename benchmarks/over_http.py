"""Scenarios through the real server, each beside its bare reference in the same run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import statements
from benchmarks.estate import Estate
from benchmarks.lanes.bare import BARE
from benchmarks.lanes.base import CONNECTIONS
from benchmarks.lines import progress, told
from benchmarks.load import Connection, Lane, Load, drive
from benchmarks.scenarios import SCENARIOS, Scenario
from benchmarks.servers import Server, serving

WARM_REQUESTS = 6  # on each connection: database sessions, prepared plans, caches
MOST_ERRORS = 0.01
# Each is the processor time of the first scenario ÷ that of the second: 1 means that the second costs no more.
COMPARED = {
    "limited_to_administrator": ("list50_administrator", "list50_limited"),
    "deep_to_first_page": ("list50_administrator", "deep_page"),
}
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
    def cpu_ms(self) -> float:
        """Of the service and of its database."""
        return self.app_ms + (self.database_ms or 0.0)

    @property
    def wrong(self) -> str:
        """Why it may not be believed; empty when it may."""
        if not self.load.requests:
            return "its supply was used up before it was measured: a larger --scale makes more"
        return "more than one error in a hundred" if self.load.errors > self.load.requests * MOST_ERRORS else ""


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


@dataclass(slots=True)
class Outcome:
    """`failed`: what the run must not end well with. `missed`: lines that do not reach their aim, which machines decide too."""

    failed: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    figures: dict[str, Figures] = field(default_factory=dict)

    def aim(self, name: str, value: float, unit: str, *, most: float | None = None, least: float | None = None, **params: object) -> None:
        """Tell a line that has an aim."""
        is_met = (most is None or value <= most) and (least is None or value >= least)
        told(name, value, unit, aim=most if least is None else least, met=is_met, **params)
        if not is_met:
            self.missed.append(f"{name} {value:.2f} (aim: {'at most' if least is None else 'at least'} {most if least is None else least})")


def run(estate: Estate, chosen: Sequence[Scenario], *, seconds: float, folder: Path, server: str = "gthread") -> Outcome:
    """Measure the scenarios and say the lines."""
    references: dict[tuple[str, int], Figures] = {}
    needed = dict.fromkeys((scenario.bare, scenario.connections) for scenario in chosen)
    with serving(BARE_APP, BARE_PROBE, log=folder / "bare.log", kind=server) as bare:
        for name, connections in needed:
            lanes = [BARE[name](estate, number) for number in range(connections)]
            references[name, connections] = found = measured(bare, lanes, frozenset({200}), seconds=seconds)
            progress(f"bare {name}: {found.app_ms:.2f} ms, {found.rate:.0f} requests/s {found.load.odd}")
            _tell(f"bare_{name}", found, {"scale": estate.scale, "connections": connections, "server": server})
    outcome = Outcome([f"bare_{name} ({found.wrong})" for (name, _), found in references.items() if found.wrong])
    with serving(OURS, OUR_PROBE, log=folder / "server.log", kind=server) as ours:
        told("server.boot", ours.boot_s, "s", server=server)
        for scenario in chosen:
            _one(estate, scenario, ours, references[scenario.bare, scenario.connections], outcome, seconds=seconds, server=server)
        told("server.worker_memory", ours.memory_mb(), "MB", server=server)
    for name, (first, second) in COMPARED.items():
        pair = [outcome.figures.get(first), outcome.figures.get(second)]
        if all(figures is not None and figures.cpu_ms for figures in pair):
            outcome.aim(name, pair[0].cpu_ms / pair[1].cpu_ms, f"CPU of {first} / of {second}", least=0.9, scale=estate.scale)
    return outcome


def _one(estate: Estate, scenario: Scenario, ours: Server, bare: Figures, outcome: Outcome, *, seconds: float, server: str) -> None:
    if scenario.prepare:
        scenario.prepare(estate, seconds)
    counted = statements.count(scenario.lane(estate, CONNECTIONS), 1 if scenario.is_slow else statements.WARM)
    lanes = [scenario.lane(estate, number) for number in range(scenario.connections)]
    found = measured(ours, lanes, scenario.expected, seconds=seconds, warm=_warm(scenario))
    outcome.figures[scenario.name] = found
    cost = f"{found.app_ms:.2f} + {found.database_ms or 0:.2f} ms"
    progress(f"{scenario.name}: {cost}, {found.rate:.1f} requests/s, {counted.sql} SQL {found.load.odd}")
    params = {"scale": estate.scale, "connections": scenario.connections, "server": server, **scenario.params}
    _tell(scenario.name, found, params)
    told(f"{scenario.name}.sql", counted.sql, "statements/request", transaction_control=counted.control, **params)
    if scenario.rows:
        told(f"{scenario.name}.rows", found.rate * estate.scale, "rows/s", **params)
    if found.app_ms and found.rate and bare.rate:
        told(f"{scenario.name}.ratio", bare.app_ms / found.app_ms, "bare CPU / ours", bare=scenario.bare, **params)
        told(f"{scenario.name}.rate_ratio", found.rate / bare.rate, "our requests/s / bare", bare=scenario.bare, **params)
    for line, most in scenario.most_ms.items():
        value = found.database_ms if line == "database_cpu" else found.load.percentile_ms(0.5)
        if value is not None:
            outcome.aim(f"{scenario.name}.{line}.aim", value, "ms", most=most, **params)
    if wrong := found.wrong or ("" if counted.status in scenario.expected else f"answers {counted.status}"):
        outcome.failed.append(f"{scenario.name} ({wrong})")
    _look_at_plans(scenario, counted, outcome, estate.scale)


def _warm(scenario: Scenario) -> int:
    if scenario.is_slow:
        return 1
    return 2 if scenario.prepare else WARM_REQUESTS


def _look_at_plans(scenario: Scenario, counted: statements.Counted, outcome: Outcome, scale: int) -> None:
    name, scans = scenario.name, counted.scans()
    told(f"{name}.scans", len(scans), "sequential scans of large tables", larger_than_rows=statements.LARGE, scale=scale)
    for scan in scans:
        if not scenario.reads_all:
            outcome.failed.append(f"{name} (reads all {scan.rows} rows of {scan.table})")
        progress(f"{name}: reads all {scan.rows} rows of {scan.table}: {scan.statement[:1500]}")


def _tell(name: str, found: Figures, params: dict[str, object]) -> None:
    """Lines of one drive, marked when they are invalid."""
    load = found.load
    marks = {**params, "requests": load.requests, "errors": load.errors}
    if found.wrong:
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
