"""The difference in words: nothing that differs is left unsaid, nothing that is the same is said."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.differences import MAX_DIFFERENCES, Difference, differences

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "name", "url", "a/b", "x~y"]), inner, max_size=4),
    max_leaves=14,
)


def at(document, pointer):
    """Resolve a JSON Pointer (RFC 6901)."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a changes from 1 to 2"]),
        ({"a": 1}, {}, ["a is removed (was 1)"]),
        ({}, {"a": 1}, ["a is added: 1"]),
        ({"a": True}, {"a": 1}, ["a changes from true to 1"]),
        ({"a": [True]}, {"a": [1]}, ["a changes from true to 1"]),
        ({"a": 1}, {"a": 1.0}, []),
        ([{"id": "n1", "x": 1}, {"id": "n2", "x": 2}], [{"id": "n2", "x": 2}, {"id": "n1", "x": 1}], []),
        ({"steps": [{"id": "n1", "name": "Read", "x": 1}]}, {"steps": [{"id": "n1", "name": "Read", "x": 2}]}, ["x changes from 1 to 2"]),
        ({"steps": []}, {"steps": [{"id": "n1", "type": "file", "name": "Read"}]}, ["file “Read” is added"]),
        ({"tags": ["a", "b"]}, {"tags": ["a"]}, ['tags: "b" is removed']),
        ({"a": None}, {}, ["a is removed (was null)"]),
    ],
)
def test_in_words(old, new, said):
    assert [statement.text for statement in differences(old, new)] == said


def test_the_thing_is_named():
    (statement,) = differences(
        {"steps": [{"id": "n1", "name": "Read orders", "x": 1}]}, {"steps": [{"id": "n1", "name": "Read orders", "x": 2}]}
    )
    assert (statement.kind, statement.place, statement.subject) == (Difference.CHANGED, "/steps/0/x", "Read orders")


def same(old, new):
    """Equal as JSON, where true is not 1."""
    if isinstance(old, bool) is not isinstance(new, bool):
        return False
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(same(a, b) for a, b in zip(old, new, strict=True))
    return old == new


@settings(max_examples=300, deadline=None)
@given(values, values)
def test_silence_means_the_same_content(old, new):
    if not differences(old, new):
        assert same(old, new) or reordered(old, new)


def reordered(old, new):
    """The same once every list of identified items is sorted."""

    def settled(value):
        if isinstance(value, dict):
            return {key: settled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            inner = [settled(item) for item in value]
            for key in ("id", "name"):
                if inner and all(isinstance(item, dict) and isinstance(item.get(key), str) for item in inner):
                    return sorted(inner, key=lambda item: item[key])
            return inner
        return value

    return same(settled(old), settled(new))


@settings(max_examples=200, deadline=None)
@given(values)
def test_nothing_is_said_of_the_same_content(value):
    assert differences(value, copy.deepcopy(value)) == []


@settings(max_examples=300, deadline=None)
@given(values, values)
def test_places_are_pointers_into_the_side_that_has_it(old, new):
    for statement in differences(old, new):
        at(old if statement.kind is Difference.REMOVED else new, statement.place)


def test_a_flood_is_cut():
    assert len(differences({}, {str(n): n for n in range(MAX_DIFFERENCES * 2)})) == MAX_DIFFERENCES
