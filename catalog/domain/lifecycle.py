"""The lifecycle of integrations as data: stages, the moves between them, what each move asks for, and where going live leads.

A definition is an object
`{initial, stages: [{key, title, kind}], moves: [{from, to, guards: [{name, …params}]}], on_live: {from: [key, …], to} | null}`.
Guards are named from a closed registry, `GUARDS`; how each is judged is governance's (`governance.domain.stages`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class StageKind(StrEnum):
    """What a stage means to the rest of the product, whatever an organisation calls it."""

    BUILDING = "building"  # on its way to production
    LIVE = "live"  # people rely on it
    LEAVING = "leaving"  # consumers are asked to move away and to say so
    HALTED = "halted"  # stopped for now
    FINAL = "final"  # at its end: it may be deleted


# Guard → its parameters, each a whole number between two bounds, both included.
GUARDS: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "owning-team": {},
    "owner-roles": {},
    "systems-and-data-named": {},
    "reuse-check-answered": {},
    "contract-or-classification-set": {},
    "connection-templates-chosen": {},
    "release-exists": {},
    "checks-pass": {},
    "documents-complete": {},
    "production-change-completed": {},
    "observed-in-production": {},
    "health-expectation-set": {},
    "support-model-set": {},
    "roadmap-or-breach": {},
    "roadmap-done": {},
    "deprecation-dates": {},
    "alternative-named": {},
    "consumers-notified": {},
    "removal-date-passed": {},
    "nothing-live": {},
    "consumers-acknowledged": {},
    "no-traffic-for-days": {"days": (1, 3650)},
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One place an integration can be in. `key` is what rows and events hold."""

    key: str
    title: str
    kind: StageKind


@dataclass(frozen=True, slots=True)
class Guard:
    """One thing a move asks for."""

    name: str
    params: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """One way from a stage to another; all its guards must hold."""

    source: str
    target: str
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class OnLive:
    """Where an integration goes by itself when its first release runs in production, and from which stages."""

    sources: frozenset[str]
    target: str


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A sound lifecycle: `catalog.domain.definitions.read_lifecycle` makes one, or names what is wrong."""

    initial: str
    stages: tuple[Stage, ...]
    moves: tuple[Move, ...]
    on_live: OnLive | None = None

    def stage(self, key: str) -> Stage | None:
        """The stage with this key."""
        return next((stage for stage in self.stages if stage.key == key), None)

    def title(self, key: str) -> str:
        """What people call the stage; a key from elsewhere stands for itself."""
        stage = self.stage(key)
        return stage.title if stage else key

    def kind(self, key: str) -> StageKind | None:
        """What the stage means."""
        stage = self.stage(key)
        return stage.kind if stage else None

    def moves_from(self, key: str) -> tuple[Move, ...]:
        """The moves that lead away from the stage, in the order of the definition."""
        return tuple(move for move in self.moves if move.source == key)

    def move(self, source: str, target: str) -> Move | None:
        """The move between the two, if there is one."""
        return next((move for move in self.moves if (move.source, move.target) == (source, target)), None)

    def after_going_live(self, key: str) -> str | None:
        """Where a first release in production leads from `key`; None where it changes nothing."""
        return self.on_live.target if self.on_live and key in self.on_live.sources else None


def stored(definition: Mapping[str, Any]) -> Lifecycle:
    """The lifecycle of a definition that was checked when it was published."""
    on_live = definition.get("on_live")
    return Lifecycle(
        initial=definition["initial"],
        stages=tuple(Stage(one["key"], one["title"], StageKind(one["kind"])) for one in definition["stages"]),
        moves=tuple(Move(one["from"], one["to"], tuple(_guards(one["guards"]))) for one in definition["moves"]),
        on_live=OnLive(frozenset(on_live["from"]), on_live["to"]) if on_live else None,
    )


def _guards(listed: Iterable[Mapping[str, Any]]) -> Iterator[Guard]:
    for one in listed:
        yield Guard(one["name"], {name: value for name, value in one.items() if name != "name"})


def as_definition(lifecycle: Lifecycle) -> dict[str, Any]:
    """The definition that `stored` reads back: the one form in which a lifecycle is kept, shown and given its digest."""
    on_live = lifecycle.on_live
    order = [stage.key for stage in lifecycle.stages]
    return {
        "initial": lifecycle.initial,
        "stages": [{"key": one.key, "title": one.title, "kind": one.kind.value} for one in lifecycle.stages],
        "moves": [
            {"from": one.source, "to": one.target, "guards": [{"name": guard.name, **guard.params} for guard in one.guards]}
            for one in lifecycle.moves
        ],
        "on_live": {"from": sorted(on_live.sources, key=order.index), "to": on_live.target} if on_live else None,
    }


def reachable(start: str, edges: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Every stage that a way leads to from `start`, itself included."""
    pairs = list(edges)
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for source, target in pairs:
            if source == here and target not in found:
                found.add(target)
                waiting.append(target)
    return frozenset(found)
