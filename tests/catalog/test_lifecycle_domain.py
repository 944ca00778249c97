"""A lifecycle is read from a definition: what is wrong is named with its place, and what is right keeps its promises."""

import copy
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.domain.inputs import Reading
from catalog.domain.default_lifecycle import DEFINITION
from catalog.domain.definitions import read_lifecycle
from catalog.domain.lifecycle import GUARDS, StageKind, as_definition, stored
from foundation.canonical import jcs
from foundation.strict_json import loads

SHORT: dict[str, Any] = {
    "initial": "idea",
    "stages": [
        {"key": "idea", "title": "Idea", "kind": "building"},
        {"key": "running", "title": "Running", "kind": "live"},
        {"key": "gone", "title": "Gone", "kind": "final"},
    ],
    "moves": [
        {"from": "idea", "to": "running", "guards": [{"name": "owning-team"}]},
        {"from": "running", "to": "gone", "guards": [{"name": "no-traffic-for-days", "days": 7}]},
    ],
    "on_live": {"from": ["idea"], "to": "running"},
}


def faults(definition: Any) -> list[tuple[str, str]]:
    reading = Reading()
    made = read_lifecycle(reading, definition)
    assert (made is None) == bool(reading.faults)
    return [(fault.pointer.removeprefix("/definition"), fault.code) for fault in reading.faults]


def changed(*steps: Any, to: Any) -> Any:
    """`SHORT` with one place set to something else; `...` takes the member away."""
    definition = copy.deepcopy(SHORT)
    *way, last = steps
    place: Any = definition
    for step in way:
        place = place[step]
    if to is ...:
        del place[last]
    elif isinstance(place, list) and last == len(place):
        place.append(to)
    else:
        place[last] = to
    return definition


STAGE = {"key": "lost", "title": "Lost", "kind": "building"}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ([], [("", "type")]),
        ("text", [("", "type")]),
        ({}, [("/initial", "required"), ("/stages", "required"), ("/moves", "required")]),
        (changed("extra", to=1), [("/extra", "unknown-field")]),
        (changed("initial", to="nowhere"), [("/initial", "unknown-stage")]),
        (changed("initial", to=["idea"]), [("/initial", "unknown-stage")]),
        (changed("initial", to="gone"), [("/initial", "starts-at-end"), ("/stages/0", "unreachable"), ("/stages/1", "unreachable")]),
        (
            changed("stages", 0, to=3),
            [
                ("/stages/0", "type"),
                ("/moves/0/from", "unknown-stage"),
                ("/on_live/from/0", "unknown-stage"),
                ("/initial", "unknown-stage"),
            ],
        ),
        (
            changed("stages", 0, "key", to="Idea!"),
            [
                ("/stages/0/key", "stage-key"),
                ("/moves/0/from", "unknown-stage"),
                ("/on_live/from/0", "unknown-stage"),
                ("/initial", "unknown-stage"),
            ],
        ),
        (
            changed("stages", 1, "kind", to="alive"),
            [
                ("/stages/1/kind", "not-a-choice"),
                ("/moves/0/to", "unknown-stage"),
                ("/moves/1/from", "unknown-stage"),
                ("/on_live/to", "unknown-stage"),
            ],
        ),
        (changed("stages", 1, "title", to=""), [("/stages/1/title", "length")]),
        (changed("stages", 1, "title", to=None), [("/stages/1/title", "type")]),
        (changed("stages", 1, "title", to="IDEA"), [("/stages/1/title", "duplicate")]),
        (changed("stages", 3, to={**STAGE, "key": "idea"}), [("/stages/3/key", "duplicate")]),
        (changed("stages", 3, to=STAGE), [("/stages/3", "unreachable"), ("/stages/3", "no-way-out")]),
        (changed("moves", 1, to=...), [("/stages/0", "no-way-out"), ("/stages/1", "no-way-out"), ("/stages/2", "unreachable")]),
        (changed("stages", 2, "kind", to="halted"), [("/stages", "no-end")]),
        (changed("moves", 0, "to", to="idea"), [("/moves/0/to", "to-itself")]),
        (changed("moves", 0, "to", to="elsewhere"), [("/moves/0/to", "unknown-stage")]),
        (changed("moves", 2, to={"from": "idea", "to": "running"}), [("/moves/2", "duplicate")]),
        (changed("moves", 0, "guards", to={}), [("/moves/0/guards", "type")]),
        (changed("moves", 0, "guards", 0, to="owning-team"), [("/moves/0/guards/0", "unknown-guard")]),
        (changed("moves", 0, "guards", 0, "name", to="friday"), [("/moves/0/guards/0/name", "unknown-guard")]),
        (changed("moves", 0, "guards", 0, "name", to=["owning-team"]), [("/moves/0/guards/0/name", "unknown-guard")]),
        (changed("moves", 0, "guards", 0, "days", to=3), [("/moves/0/guards/0/days", "unknown-field")]),
        (changed("moves", 0, "guards", 1, to={"name": "owning-team"}), [("/moves/0/guards/1", "duplicate")]),
        (changed("moves", 1, "guards", 0, "days", to=...), [("/moves/1/guards/0/days", "required")]),
        (changed("moves", 1, "guards", 0, "days", to=0), [("/moves/1/guards/0/days", "out-of-range")]),
        (changed("moves", 1, "guards", 0, "days", to=True), [("/moves/1/guards/0/days", "out-of-range")]),
        (changed("on_live", "to", to="gone"), [("/on_live/to", "not-live")]),
        (changed("on_live", "from", 0, to="running"), [("/on_live/from/0", "not-a-source")]),
        (changed("on_live", "from", 0, to="gone"), [("/on_live/from/0", "not-a-source")]),
        (changed("on_live", to="running"), [("/on_live", "type")]),
    ],
)
def test_every_fault_is_named_with_its_place(definition: Any, expected: list[tuple[str, str]]):
    assert faults(definition) == expected


@pytest.mark.parametrize("definition", [SHORT, DEFINITION, changed("on_live", to=None), changed("on_live", to=...)])
def test_a_sound_definition_is_kept_in_one_form(definition: Any):
    reading = Reading()
    made = read_lifecycle(reading, definition)
    assert made is not None
    assert reading.faults == []
    assert stored(as_definition(made)) == made
    assert as_definition(made) == {**definition, "on_live": definition.get("on_live")}


def test_going_live_alone_reaches_a_stage_but_is_no_way_out():
    """An end must be reachable by people's moves: nobody waits for a machine to leave."""
    reached = changed("moves", 0, to=...)
    assert faults(reached) == [("/stages/0", "no-way-out")]


def test_the_shipped_lifecycle_is_what_the_first_migration_published():
    """Number 1 is frozen: a changed default must be published as another number, not by editing history."""
    frozen = import_module("catalog.migrations.0005_default_lifecycle").DEFINITION
    assert frozen == DEFINITION


STAGES = [stage["key"] for stage in DEFINITION["stages"]]
OWNED = {"owning-team", "owner-roles", "systems-and-data-named", "reuse-check-answered"}
RUNNING = {"production-change-completed", "observed-in-production", "health-expectation-set", "support-model-set"}
ANNOUNCED = {"deprecation-dates", "alternative-named", "consumers-notified"}
# What product.md promises, written down a second time: (from, to) → what is asked. Every pair that is not here must be no move.
PROMISED: dict[tuple[str, str], set[str]] = {
    ("proposed", "designed"): OWNED,
    ("designed", "built"): {"contract-or-classification-set", "connection-templates-chosen"},
    ("built", "tested"): {"release-exists", "checks-pass", "documents-complete"},
    ("tested", "live"): RUNNING,
    ("live", "optimizing"): {"roadmap-or-breach"},
    ("optimizing", "live"): {"roadmap-done"},
    ("live", "deprecated"): ANNOUNCED,
    ("optimizing", "deprecated"): ANNOUNCED,
    ("deprecated", "retired"): {"removal-date-passed", "nothing-live", "consumers-acknowledged", "no-traffic-for-days"},
    ("deprecated", "live"): RUNNING,
    **{(stage, "rejected"): {"nothing-live"} for stage in ("proposed", "designed", "built", "tested", "suspended")},
    **{(stage, "suspended"): set() for stage in ("designed", "built", "tested", "live", "optimizing")},
    ("built", "designed"): set(),
    ("tested", "built"): set(),
    ("rejected", "proposed"): set(),
    ("suspended", "designed"): OWNED,
    ("suspended", "live"): RUNNING,
    ("suspended", "deprecated"): ANNOUNCED,
}


@pytest.mark.parametrize("source", STAGES)
@pytest.mark.parametrize("target", STAGES)
def test_every_pair_of_the_default(source: str, target: str):
    """All hundred pairs: a move with exactly these guards, or none."""
    move = stored(DEFINITION).move(source, target)
    asked = None if move is None else {guard.name for guard in move.guards}
    assert asked == PROMISED.get((source, target))


@pytest.mark.parametrize("stage", STAGES)
def test_going_live_leads_only_from_before(stage: str):
    expected = "live" if stage in {"proposed", "designed", "built", "tested"} else None
    assert stored(DEFINITION).after_going_live(stage) == expected


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from([*STAGES, *GUARDS, *StageKind]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["initial", "stages", "moves", "on_live", "key", "title", "kind", "from", "to", "guards", "name", "days", "~/"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(anything)
@settings(max_examples=300, deadline=None)
def test_whatever_is_sent_gets_an_answer(definition: Any):
    """Either a lifecycle or faults with places, never a crash."""
    faults(definition)


@st.composite
def definitions(draw: Any) -> dict[str, Any]:
    """Definitions of the right shape: some sound, some with dead ends."""
    count = draw(st.integers(2, 6))
    keys = [f"s{n}" for n in range(count)]
    kinds = draw(st.lists(st.sampled_from(list(StageKind)), min_size=count, max_size=count))
    pairs = draw(st.lists(st.tuples(st.sampled_from(keys), st.sampled_from(keys)).filter(lambda p: p[0] != p[1]), unique=True, max_size=14))
    guards = st.lists(st.sampled_from(sorted(set(GUARDS) - {"no-traffic-for-days"})), unique=True, max_size=3)
    return {
        "initial": "s0",
        "stages": [{"key": key, "title": key.upper(), "kind": kind.value} for key, kind in zip(keys, kinds, strict=True)],
        "moves": [{"from": a, "to": b, "guards": [{"name": name} for name in draw(guards)]} for a, b in pairs],
        "on_live": None,
    }


@given(definitions())
@settings(max_examples=300, deadline=None)
def test_a_sound_lifecycle_is_walked_from_start_to_end(definition: dict[str, Any]):
    """Accepted means: every stage is reached by moves from the first, and from every stage moves lead to an end."""
    reading = Reading()
    made = read_lifecycle(reading, definition)
    edges: dict[str, set[str]] = {stage["key"]: set() for stage in definition["stages"]}
    for move in definition["moves"]:
        edges[move["from"]].add(move["to"])

    def walk(start: str) -> set[str]:
        seen, waiting = {start}, [start]
        while waiting:
            fresh = edges[waiting.pop()] - seen
            seen |= fresh
            waiting += fresh
        return seen

    ends = {stage["key"] for stage in definition["stages"] if stage["kind"] == "final"}
    sound = bool(ends) and "s0" not in ends and walk("s0") == set(edges) and all(walk(key) & ends for key in edges)
    assert (made is not None) == sound
    if made is not None:
        assert as_definition(stored(loads(jcs(as_definition(made))))) == definition
