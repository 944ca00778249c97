"""Reading a lifecycle as somebody wrote it: every fault is named with its place, and a sound one comes out in one form."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from accounts.domain.inputs import Reading
from catalog.domain.lifecycle import GUARDS, Guard, Lifecycle, Move, OnLive, Stage, StageKind, reachable
from foundation.errors import pointer_of

At = tuple[str | int, ...]
ROOT: Final[At] = ("definition",)
MAX_STAGES, MAX_MOVES, MAX_TITLE = 40, 400, 60
_KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,29}[a-z0-9])?\Z")
_MEMBERS = ("initial", "stages", "moves", "on_live")


def read_lifecycle(reading: Reading, definition: Any) -> Lifecycle | None:
    """The lifecycle that `definition` describes; None after faults, whose pointers start at /definition."""
    before = len(reading.faults)
    if not _is_object(reading, ROOT, definition, required=_MEMBERS[:3], known=_MEMBERS):
        return None
    stages = _stages(reading, definition["stages"])
    keys = frozenset(stage.key for stage in stages)
    moves = _moves(reading, definition["moves"], keys)
    on_live = _on_live(reading, definition.get("on_live"), stages)
    initial = _known(reading, (*ROOT, "initial"), definition["initial"], keys)
    if len(reading.faults) > before:
        return None
    made = Lifecycle(initial, tuple(stages), tuple(moves), on_live)
    _ways(reading, made)
    return made if len(reading.faults) == before else None


def _stages(reading: Reading, listed: Any) -> list[Stage]:
    at: At = (*ROOT, "stages")
    rows = _list(reading, at, listed, MAX_STAGES)
    stages: list[Stage] = []
    for index, row in enumerate(rows):
        place: At = (*at, index)
        if not _is_object(reading, place, row, required=("key", "title", "kind"), known=("key", "title", "kind")):
            continue
        stage = _stage(reading, place, row)
        if stage is None:
            continue
        if any(other.key == stage.key for other in stages):
            reading.fault(pointer_of(*place, "key"), "duplicate", f"The stage {stage.key} is there already.")
        elif any(other.title.casefold() == stage.title.casefold() for other in stages):
            reading.fault(pointer_of(*place, "title"), "duplicate", f"Another stage is called {stage.title}.")
        stages.append(stage)
    return stages


def _stage(reading: Reading, at: At, row: Mapping[str, Any]) -> Stage | None:
    key, kind = row["key"], row["kind"]
    is_key = isinstance(key, str) and bool(_KEY.match(key))
    if not is_key:
        reading.fault(pointer_of(*at, "key"), "stage-key", "Use 1 to 31 small letters, digits and hyphens.")
    is_kind = isinstance(kind, str) and kind in set(StageKind)
    if not is_kind:
        reading.fault(pointer_of(*at, "kind"), "not-a-choice", f"Choose one of: {', '.join(StageKind)}.")
    title = title_of(reading, (*at, "title"), row["title"], MAX_TITLE)
    return Stage(key, title, StageKind(kind)) if is_key and is_kind else None


def title_of(reading: Reading, at: At, value: Any, most: int) -> str:
    """One line of people's words."""
    if not isinstance(value, str):
        reading.fault(pointer_of(*at), "type", "This must be a text.")
        return ""
    return reading.line(at, value, most=most)


def _moves(reading: Reading, listed: Any, keys: frozenset[str]) -> list[Move]:
    at: At = (*ROOT, "moves")
    moves: list[Move] = []
    for index, row in enumerate(_list(reading, at, listed, MAX_MOVES)):
        place: At = (*at, index)
        if not _is_object(reading, place, row, required=("from", "to"), known=("from", "to", "guards")):
            continue
        source, target = _known(reading, (*place, "from"), row["from"], keys), _known(reading, (*place, "to"), row["to"], keys)
        if source and source == target:
            reading.fault(pointer_of(*place, "to"), "to-itself", "A move leads to another stage.")
        if any((move.source, move.target) == (source, target) for move in moves) and source and target:
            reading.fault(pointer_of(*place), "duplicate", f"The move from {source} to {target} is there already.")
        moves.append(Move(source, target, _guards(reading, (*place, "guards"), row.get("guards", []))))
    return moves


def _guards(reading: Reading, at: At, listed: Any) -> tuple[Guard, ...]:
    guards: list[Guard] = []
    for index, row in enumerate(_list(reading, at, listed, len(GUARDS))):
        place: At = (*at, index)
        name = row.get("name") if isinstance(row, Mapping) else None
        if not isinstance(name, str) or name not in GUARDS:
            where = (*place, "name") if isinstance(row, Mapping) else place
            reading.fault(pointer_of(*where), "unknown-guard", f"Name one of: {', '.join(GUARDS)}.")
            continue
        if any(guard.name == name for guard in guards):
            reading.fault(pointer_of(*place), "duplicate", f"The move asks for {name} already.")
        guards.append(Guard(name, _params(reading, place, name, row)))
    return tuple(guards)


def _params(reading: Reading, at: At, name: str, row: Mapping[str, Any]) -> dict[str, int]:
    bounds = GUARDS[name]
    if not _is_object(reading, at, row, required=tuple(bounds), known=("name", *bounds)):
        return {}
    params: dict[str, int] = {}
    for param, (low, high) in bounds.items():
        value = row[param]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            reading.fault(pointer_of(*at, param), "out-of-range", f"Give a whole number from {low} to {high}.")
        else:
            params[param] = value
    return params


def _on_live(reading: Reading, value: Any, stages: Sequence[Stage]) -> OnLive | None:
    at: At = (*ROOT, "on_live")
    if value is None or not _is_object(reading, at, value, required=("from", "to"), known=("from", "to")):
        return None
    kinds = {stage.key: stage.kind for stage in stages}
    keys = frozenset(kinds)
    target = _known(reading, (*at, "to"), value["to"], keys)
    if target and kinds[target] is not StageKind.LIVE:
        reading.fault(pointer_of(*at, "to"), "not-live", "Going live leads to a stage of the kind live.")
    sources = []
    for index, key in enumerate(_list(reading, (*at, "from"), value["from"], MAX_STAGES)):
        source = _known(reading, (*at, "from", index), key, keys)
        if source and (source == target or kinds[source] is StageKind.FINAL):
            reading.fault(
                pointer_of(*at, "from", index), "not-a-source", "A stage at its end, or the target itself, is not left by going live."
            )
        sources.append(source)
    return OnLive(frozenset(sources), target)


def _ways(reading: Reading, lifecycle: Lifecycle) -> None:
    """Every stage is reached from the first, and every stage has a way to an end."""
    edges = [(move.source, move.target) for move in lifecycle.moves]
    if lifecycle.on_live:
        edges += [(source, lifecycle.on_live.target) for source in lifecycle.on_live.sources]
    ends = [stage.key for stage in lifecycle.stages if stage.kind is StageKind.FINAL]
    if not ends:
        reading.fault(pointer_of(*ROOT, "stages"), "no-end", "At least one stage must be of the kind final.")
        return
    if lifecycle.kind(lifecycle.initial) is StageKind.FINAL:
        reading.fault(pointer_of(*ROOT, "initial"), "starts-at-end", "What enters must not be at its end already.")
    found = reachable(lifecycle.initial, edges)
    back = [(move.target, move.source) for move in lifecycle.moves]  # a person finds the way out: going live does not count
    leads = frozenset[str]().union(*(reachable(end, back) for end in ends))
    for index, stage in enumerate(lifecycle.stages):
        if stage.key not in found:
            reading.fault(pointer_of(*ROOT, "stages", index), "unreachable", f"No move leads from {lifecycle.initial} to {stage.key}.")
        if stage.key not in leads:
            reading.fault(pointer_of(*ROOT, "stages", index), "no-way-out", f"No moves lead from {stage.key} to a stage of the kind final.")


def _is_object(reading: Reading, at: At, value: Any, *, required: Sequence[str], known: Sequence[str]) -> bool:
    if not isinstance(value, Mapping):
        reading.fault(pointer_of(*at), "type", "This must be an object.")
        return False
    for name in value:
        if name not in known:
            shown = str(name)[:63].encode("utf-8", "replace").decode()
            reading.fault(pointer_of(*at, shown), "unknown-field", f"Only {', '.join(known)} are known here.")
    missing = [name for name in required if name not in value]
    for name in missing:
        reading.fault(pointer_of(*at, name), "required", "This is needed.")
    return not missing


def _list(reading: Reading, at: At, value: Any, most: int) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        reading.fault(pointer_of(*at), "type", "This must be a list.")
        return ()
    if len(value) > most:
        reading.fault(pointer_of(*at), "too-many", f"At most {most} entries.")
        return ()
    return value


def _known(reading: Reading, at: At, key: Any, keys: frozenset[str]) -> str:
    if isinstance(key, str) and key in keys:
        return key
    reading.fault(pointer_of(*at), "unknown-stage", "No stage of this lifecycle has this key.")
    return ""
