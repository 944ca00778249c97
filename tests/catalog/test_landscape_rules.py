"""The pure rules: trees, slots and references, upkeep, pins, contents of components."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as suppose
from hypothesis import strategies as st

from catalog.domain import components, connections, trees

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SLOTS = connections.whole_slots([{"name": "key"}, {"name": "proxy", "required": False}])
TOKEN = "ghp_" + "a" * 36


@suppose(st.lists(st.tuples(st.integers(0, 11), st.one_of(st.none(), st.integers(0, 11))), max_size=60))
def test_moves_that_the_rule_allows_always_leave_a_tree(moves):
    """Whatever is moved in whatever order, every node still leads to a top, and lies below exactly those above it."""
    parents: dict[int, int | None] = dict.fromkeys(range(12))
    for node, parent in moves:
        if not trees.would_circle(parents, node, parent):
            parents[node] = parent
    for node in parents:
        way = [node]
        while parents[way[-1]] is not None:
            way.append(parents[way[-1]])
            assert len(way) <= 12
        assert all(node in trees.below(parents, above) for above in way)
        assert sum(node in trees.below(parents, each) for each in parents) == len(way)


@pytest.mark.parametrize("parent", [1, 2, 3])
def test_nothing_lies_in_itself_or_below_itself(parent):
    assert trees.would_circle({1: None, 2: 1, 3: 2}, 1, parent)


@pytest.mark.parametrize(
    ("references", "faults"),
    [
        ({"key": "env://KEY"}, []),
        ({"key": "vault://secret/erp#key", "proxy": "k8s://ns/secret/key"}, []),
        ({}, [("/references/key", "required")]),
        ({"key": "env://KEY", "other": "env://X"}, [("/references", "unknown-slot")]),
        ({"key": "hunter2"}, [("/references/key", "secret-reference")]),
        ({"key": TOKEN}, [("/references/key", "secret-github-token")]),
        ({"key": f"vault://secret/{TOKEN}"}, [("/references/key", "secret-github-token")]),
        ({"key": "https://u:hunter2@erp.example"}, [("/references/key", "secret-url-password")]),
        ({"key": "tK9xQ2mZ7bW4vR8nL3pY6cJ1hF5dS0gA"}, [("/references/key", "secret-random")]),
        ({"key": None}, [("/references/key", "secret-reference")]),
        ({"key": 5}, [("/references/key", "secret-reference")]),
        ({"key": {"a": "env://KEY"}}, [("/references/key", "secret-reference")]),
        ({"key": "env://KEY\n"}, [("/references/key", "secret-reference")]),
        ({"key": "vault://" + "a" * 400}, [("/references/key", "secret-reference")]),
    ],
)
def test_what_may_fill_a_slot(references, faults):
    found = list(connections.reference_faults(SLOTS, references))
    assert [(fault.pointer, fault.code) for fault in found] == faults


@suppose(st.dictionaries(st.sampled_from(["key", "proxy", "SECRETNAME"]), st.text(min_size=6, max_size=60)))
def test_a_refused_value_or_name_is_never_repeated(references):
    """Whatever was sent instead of a reference, no fault holds a word of it."""
    told = " ".join(f"{fault.pointer} {fault.detail}" for fault in connections.reference_faults(SLOTS, references))
    own = " ".join(
        f"{fault.pointer} {fault.detail}" for fault in connections.reference_faults(SLOTS, {"key": "\x00", "x": "", "proxy": ""})
    )
    for value in references.values():
        assert value not in told or value in own
    assert "SECRETNAME" not in told


@pytest.mark.parametrize(
    ("slots", "faults"),
    [
        ([{"name": "key"}, {"name": "key"}], [("/slots/1/name", "duplicate")]),
        ([{"name": "Key"}], [("/slots/0/name", "slot-name")]),
        ([{"name": "key", "description": f"such as {TOKEN}"}], [("/slots/0/description", "secret-github-token")]),
        ([{"name": "key", "description": "a\x00"}], [("/slots/0/description", "bad-text")]),
        ([{"name": f"s{n}"} for n in range(21)], [("/slots", "too-many")]),
        ([{"name": "key", "description": "The key"}], []),
    ],
)
def test_what_slots_may_be(slots, faults):
    assert [(fault.pointer, fault.code) for fault in connections.slot_faults(slots)] == faults


@pytest.mark.parametrize(
    ("expires", "rotated", "every", "expected"),
    [
        (None, None, None, "fine"),
        (0, None, None, "expired"),
        (1, None, None, "expires-soon"),
        (30, None, None, "expires-soon"),
        (31, None, None, "fine"),
        (None, None, 90, "rotation-due"),
        (None, -90, 90, "rotation-due"),
        (None, -89, 90, "fine"),
        (10, -90, 90, "rotation-due"),
        (-1, -90, 90, "expired"),
        (None, -400, None, "fine"),
    ],
)
def test_upkeep(expires, rotated, every, expected):
    """Days from now; the most urgent need is told."""
    moments = {
        name: None if days is None else NOW + timedelta(days=days) for name, days in (("expires_at", expires), ("rotated_at", rotated))
    }
    assert connections.upkeep(**moments, every_days=every, now=NOW) == expected


@pytest.mark.parametrize(
    ("pin", "fault"),
    [
        ({"component": "a", "version": "1.0.0"}, None),
        ({"schema": "order", "version": 3}, None),
        ({}, None),
        ({"component": "a"}, "pin"),
        ({"component": "a", "version": "1.0.0", "digest": "x"}, "pin"),
        ({"component": 1, "version": "1.0.0"}, "type"),
        ({"component": "", "version": "1.0.0"}, "type"),
        ({"component": "a", "version": "1"}, "semver"),
        ({"component": "a", "version": 1}, "semver"),
    ],
)
def test_which_entries_pin_a_component(pin, fault):
    """Other shapes stay as they are; a slip in one that names a component is told."""
    found = list(components.pin_faults({"pins": [{"other": 1}, pin]}))
    assert [each.code for each in found] == ([fault] if fault else [])
    assert all(each.pointer.startswith("/manifest/pins/1") for each in found)


@pytest.mark.parametrize(
    ("content", "pointer", "code"),
    [
        ([], "/content", "type"),
        ({"steps": [{"password": "hunter2"}]}, "/content/steps/0/password", "secret-named"),
        ({"a/b": TOKEN}, "/content/a~1b", "secret-github-token"),
        ({"u": "https://erp.staging.example/x"}, "/content/u", "environment-host"),
        ({"a": "b\x00"}, "/content/a", "nul"),
    ],
)
def test_content_follows_the_rules_of_manifests(content, pointer, code):
    found = components.content_faults(content, environments=["staging"])
    assert (pointer, code) in [(fault.pointer, fault.code) for fault in found]
    assert "hunter2" not in str(found)
