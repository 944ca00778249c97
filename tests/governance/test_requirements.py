"""What a policy may ask, how faults are told, and that a rule can only be tightened under an open request."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.errors import InvalidPolicy
from governance.domain.requirements import (
    Check,
    CheckName,
    Enforcement,
    Quorum,
    as_spec,
    joined,
    parse_requirements,
    reduced,
)
from tests.governance.people import check, quorum

WEIGHT = list(Enforcement)
ONE = {"kind": "quorum", "name": "board", "needs": 2, "boards": ["change-board"]}

names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
slugs = st.sampled_from(["change-board", "risk", "security", "data"])
quorums = st.builds(
    Quorum,
    name=names,
    needs=st.integers(1, 20),
    boards=st.lists(slugs, min_size=1, unique=True).map(lambda found: tuple(sorted(found))),
    veto=st.booleans(),
    token_votes=st.booleans(),
    enforcement=st.sampled_from(Enforcement),
)
checks = st.builds(Check, name=names, check=st.sampled_from(CheckName), enforcement=st.sampled_from(Enforcement))
lists = st.lists(st.one_of(quorums, checks), min_size=1, max_size=5, unique_by=lambda requirement: requirement.name).map(tuple)


@pytest.mark.parametrize(
    ("specs", "pointer"),
    [
        ([], "/requirements"),
        (None, "/requirements"),
        ({"kind": "quorum"}, "/requirements"),
        (["two people"], "/requirements/0"),
        ([{}], "/requirements/0"),
        ([{**ONE, "kind": "wish"}], "/requirements/0"),
        ([{**ONE, "name": "Über uns"}], "/requirements/0"),
        ([{**ONE, "name": ""}], "/requirements/0"),
        ([{**ONE, "name": "a" * 64}], "/requirements/0"),
        ([{**ONE, "needs": 0}], "/requirements/0"),
        ([{**ONE, "needs": 21}], "/requirements/0"),
        ([{**ONE, "needs": True}], "/requirements/0"),
        ([{**ONE, "needs": "2"}], "/requirements/0"),
        ([{**ONE, "boards": []}], "/requirements/0"),
        ([{**ONE, "boards": "change-board"}], "/requirements/0"),
        ([{**ONE, "boards": [1]}], "/requirements/0"),
        ([{**ONE, "veto": "yes"}], "/requirements/0"),
        ([{**ONE, "enforcement": "gentle"}], "/requirements/0"),
        ([{**ONE, "check": "owned"}], "/requirements/0"),
        ([{"kind": "check", "name": "x", "check": "horoscope"}], "/requirements/0"),
        ([{"kind": "check", "name": "x", "check": "owned", "needs": 1}], "/requirements/0"),
        ([ONE, {**ONE, "needs": 1}], "/requirements/1/name"),
        ([{**ONE, "kind": ["quorum"]}], "/requirements/0"),
        ([{**ONE, "enforcement": []}], "/requirements/0"),
        ([{"kind": "check", "name": "x", "check": {}}], "/requirements/0"),
    ],
)
def test_faults_are_told_by_place(specs, pointer):
    with pytest.raises(InvalidPolicy) as refusal:
        parse_requirements(specs)
    assert pointer in [fault.pointer for fault in refusal.value.errors]


def test_every_fault_is_told_at_once():
    with pytest.raises(InvalidPolicy) as refusal:
        parse_requirements([{**ONE, "needs": 0}, {**ONE, "boards": []}])
    assert [fault.pointer for fault in refusal.value.errors] == ["/requirements/0", "/requirements/1"]


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["kind", "name", "needs", "boards", "check"]), inner),
        max_leaves=12,
    )
)
def test_whatever_json_comes_is_parsed_or_refused(specs):
    try:
        found = parse_requirements(specs)
    except InvalidPolicy:
        return
    assert len(found) == len(specs)


@settings(max_examples=200, deadline=None)
@given(lists)
def test_what_is_written_out_reads_back(requirements):
    assert parse_requirements([as_spec(requirement) for requirement in requirements]) == requirements


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (quorum(needs=2), quorum(needs=3), quorum(needs=3)),
        (quorum(needs=3), quorum(needs=2), quorum(needs=3)),
        (quorum(veto=False), quorum(veto=True), quorum(veto=True)),
        (quorum(veto=True), quorum(veto=False), quorum(veto=True)),
        (quorum(token_votes=True), quorum(token_votes=False), quorum(token_votes=False)),
        (quorum(token_votes=False), quorum(token_votes=True), quorum(token_votes=False)),
        (quorum(boards=("a", "b")), quorum(boards=("b", "c")), quorum(boards=("b",))),
        (quorum(boards=("a",)), quorum(boards=("b",)), quorum(boards=("b",))),
        (quorum(), quorum(enforcement=Enforcement.ADVISORY), quorum()),
        (quorum(), quorum(enforcement=Enforcement.HARD), quorum(enforcement=Enforcement.HARD)),
        (check(enforcement=Enforcement.HARD), check(enforcement=Enforcement.ADVISORY), check(enforcement=Enforcement.HARD)),
    ],
    ids=[
        "more people asked since",
        "fewer people asked since",
        "veto given since",
        "veto taken since",
        "token votes forbidden since",
        "token votes allowed since",
        "only boards named then and now",
        "replaced boards: today's decide",
        "made advisory since",
        "made hard since",
        "a check made advisory since",
    ],
)
def test_tightened_applies_loosened_does_not(then, now, expected):
    assert joined((then,), (now,)) == (expected,)


def test_a_rule_removed_since_still_asks_and_a_new_one_asks_too():
    old, new = quorum("old"), quorum("new")
    assert joined((old,), (new,)) == (old, new)
    assert joined((old,), ()) == (old,)


@settings(max_examples=200, deadline=None)
@given(lists, lists)
def test_joining_never_asks_less_than_either(then, now):
    both = {requirement.name: requirement for requirement in joined(then, now)}
    assert both.keys() == {r.name for r in then} | {r.name for r in now}
    for asked in (*then, *now):
        found = both[asked.name]
        if type(found) is type(asked):
            assert WEIGHT.index(found.enforcement) >= WEIGHT.index(asked.enforcement)
        if isinstance(found, Quorum) and isinstance(asked, Quorum):
            assert found.needs >= asked.needs
            assert found.veto >= asked.veto
            assert found.token_votes <= asked.token_votes


@settings(max_examples=100, deadline=None)
@given(lists)
def test_joining_with_itself_changes_nothing(requirements):
    assert joined(requirements, requirements) == requirements


def test_going_back_asks_one_person_of_each_board_and_every_check():
    asked = (quorum(needs=3), check())
    assert reduced(asked) == (replace(asked[0], needs=1), check())
