"""The map shows what is joined, as far as it may be seen; walks end in circles and say what they cut off."""

from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as drawn
from hypothesis import strategies as st

from catalog.domain.graph import Direction, walk
from catalog.domain.vocabulary import EntityKind
from catalog.models import Relation
from catalog.services.integrations import update_integration

SYSTEM = EntityKind.SYSTEM
PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1]), max_size=25, unique=True)


def neighbours(pairs, direction, asked=None):
    """One step along pairs of numbers; `asked` notes the levels."""

    def near(front):
        if asked is not None:
            asked.append(front)
        here = set(front.get(SYSTEM, ()))
        down = {(SYSTEM, b) for a, b in pairs if a in here} if direction is not Direction.UPSTREAM else set()
        return down | ({(SYSTEM, a) for a, b in pairs if b in here} if direction is not Direction.DOWNSTREAM else set())

    return near


def reachable(pairs, start, direction):
    """Distances by repeated relaxation: slow and plainly right."""
    ways = {(a, b) for a, b in pairs} if direction is not Direction.UPSTREAM else set()
    ways |= {(b, a) for a, b in pairs} if direction is not Direction.DOWNSTREAM else set()
    distance, depth = {start: 0}, 0
    while True:
        depth += 1
        new = {b for a, b in ways if a in distance and b not in distance}
        if not new:
            return distance
        distance.update(dict.fromkeys(new, depth))


@drawn(PAIRS, st.integers(0, 9), st.sampled_from(Direction))
def test_a_walk_finds_all_that_can_be_reached_and_how_far_it_is(pairs, start, direction):
    asked = []
    found = walk((SYSTEM, start), near=neighbours(pairs, direction, asked), depth=20, most=100)
    expected = reachable(pairs, start, direction)
    assert {key: distance for (_, key), distance in found.distance.items()} == expected
    assert not found.is_truncated
    assert len(asked) == max(expected.values()) + 1  # one question a level, and the one that finds nothing new


@drawn(PAIRS, st.integers(1, 6))
def test_a_walk_that_is_cut_off_says_so_and_keeps_the_nearest(pairs, most):
    whole, cut = (walk((SYSTEM, 0), near=neighbours(pairs, Direction.BOTH), depth=20, most=count) for count in (100, most))
    assert len(cut.distance) == min(most, len(whole.distance))
    assert cut.is_truncated == (len(whole.distance) > most)
    assert all(whole.distance[node] == distance for node, distance in cut.distance.items())


pytestmark = pytest.mark.django_db


def asked(api, node, **more):
    answer = api.get("/graph", node=node, **more)
    assert answer.status_code == 200, answer.content
    return answer.json()


def ids(found):
    return {node["id"] for node in found["nodes"]}


def relate(source, target, kind="depends-on"):
    """A relation as its service writes it, without the service: this file is about reading."""
    names = {"Integration": "integration", "System": "system"}
    ends = {"source_kind": names[type(source).__name__], "source_id": source.id, "target_kind": names[type(target).__name__]}
    return Relation.objects.create(type=kind, **ends, target_id=target.id, since="2026-11-23T12:00:00Z")


def test_data_flows_from_the_system_read_through_the_integration_to_the_system_written(given):
    given.integration("orders-to-erp")
    root = given.api("root")
    found = asked(root, "system:shop", depth=2, direction="downstream")
    assert [(node["id"], node["distance"]) for node in found["nodes"]] == [
        ("system:shop", 0),
        ("integration:orders-to-erp", 1),
        ("system:erp", 2),
    ]
    assert [(edge["source"], edge["target"], edge["type"], edge["via"]) for edge in found["edges"]] == [
        ("integration:orders-to-erp", "system:erp", "writes", "orders"),
        ("system:shop", "integration:orders-to-erp", "reads", "orders"),
    ]
    assert ids(asked(root, "system:erp", depth=2, direction="downstream")) == {"system:erp"}
    assert ids(asked(root, "system:erp", depth=2, direction="upstream")) == {"system:erp", "integration:orders-to-erp", "system:shop"}
    assert "integration:orders-to-erp" in ids(asked(root, "data-object:orders"))


def test_what_depends_on_something_is_downstream_of_it(given):
    base, above = given.integration("base"), given.integration("above")
    relate(above, base)
    found = asked(given.api("root"), "integration:base", direction="downstream", depth=1)
    assert "integration:above" in ids(found)
    assert ("integration:base", "integration:above", "relation:depends-on") in {
        (edge["source"], edge["target"], edge["type"]) for edge in found["edges"]
    }
    assert "integration:above" not in ids(asked(given.api("root"), "integration:base", direction="upstream"))


def test_what_joins_two_of_the_nodes_shown_is_drawn_between_them(given):
    one, other = given.integration("one"), given.integration("other")
    relate(one, other, "replaces")
    found = asked(given.api("root"), "system:erp")
    assert ("integration:one", "integration:other", "relation:replaces") in {
        (edge["source"], edge["target"], edge["type"]) for edge in found["edges"]
    }


@pytest.mark.parametrize("direction", Direction)
def test_the_statement_walks_as_the_edges_say(given, direction):
    """Every node but the root has an edge of the map that leads to it in the direction asked for."""
    given.integration("one"), given.integration("two", endpoints=[{"system": "erp", "role": "source", "operation": "read"}])
    three, four = given.integration("three", endpoints=[]), given.integration("four", endpoints=[])
    relate(three, given.integration("two")), relate(given.integration("two"), four, "feeds")
    for root in ("system:shop", "integration:two", "system:erp"):
        found = asked(given.api("root"), root, direction=direction, depth=4)
        distance = {node["id"]: node["distance"] for node in found["nodes"]}
        down = {(edge["source"], edge["target"]) for edge in found["edges"]}
        ways = (down if direction is not Direction.UPSTREAM else set()) | (
            {(b, a) for a, b in down} if direction is not Direction.DOWNSTREAM else set()
        )
        for node, far in distance.items():
            assert far == 0 or any(distance[a] == far - 1 for a, b in ways if b == node), (root, node)


def test_an_unseen_integration_is_not_there_and_a_placeholder_stands_only_where_a_visible_one_declares_the_relation(given):
    secret, seen, third = (given.integration(slug) for slug in ("secret-flow", "seen-flow", "third-flow"))
    update_integration(slug="secret-flow", changes={"visibility": "restricted"}, expected_version=None, **given.by("root"))
    relate(seen, secret)
    relate(secret, third)
    ann = given.api("ann")
    assert b"secret" not in ann.get("/graph", node="system:shop", depth=3).content
    around_seen = asked(ann, "integration:seen-flow")
    assert [node for node in around_seen["nodes"] if node["is_hidden"]] == [
        {"id": "hidden:1", "kind": "integration", "slug": None, "title": None, "distance": 1, "is_hidden": True}
    ]
    assert not [node for node in asked(ann, "integration:third-flow")["nodes"] if node["is_hidden"]]
    unseen, missing = (ann.get("/graph", node=f"integration:{slug}") for slug in ("secret-flow", "nowhere"))
    assert unseen.status_code == missing.status_code == 404
    assert {**unseen.json(), "request_id": ""} == {**missing.json(), "request_id": ""}
    assert "integration:secret-flow" in ids(asked(given.api("root"), "integration:seen-flow"))


def test_what_was_deleted_leaves_no_placeholder_behind(given):
    gone, seen = given.integration("gone-flow", endpoints=[]), given.integration("seen-flow")
    relate(seen, gone)
    ann = given.api("ann")
    assert "integration:gone-flow" in ids(asked(ann, "integration:seen-flow"))
    given.deleted("integration", "gone-flow")
    assert not [node for node in asked(ann, "integration:seen-flow")["nodes"] if node["is_hidden"] or node["slug"] == "gone-flow"]


def test_a_map_costs_the_same_statements_however_many_nodes_it_has(given):
    root, costs = given.administrator("root"), []
    for count in (2, 6):
        for number in range(count):
            given.integration(f"flow-{number}")
        api = given.api(root)
        with CaptureQueriesContext(connection) as caught:
            found = asked(api, "system:shop", depth=2)
        costs.append(len(caught))
        assert len(ids(found)) == count + 3
    assert costs[0] == costs[1]


def test_a_circle_of_integrations_ends(given):
    ring = [given.integration(f"ring-{number}", endpoints=[]) for number in range(4)]
    for one, other in pairwise([*ring, ring[0]]):
        relate(one, other, "feeds")
    found = asked(given.api("root"), "integration:ring-0", direction="downstream", depth=6)
    assert [node["distance"] for node in found["nodes"]] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [({}, "?node"), ({"node": "system:erp", "depth": "0"}, "?depth"), ({"node": "system:erp", "direction": "sideways"}, "?direction"),
     ({"node": "system:erp", "limit": "99999"}, "?limit"), ({"node": "system:erp", "colour": "red"}, "?colour")],
)  # fmt: skip
def test_a_faulty_question_is_refused_by_name(given, query, pointer):
    given.system("erp")
    answer = given.api("root").get("/graph", **query)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
