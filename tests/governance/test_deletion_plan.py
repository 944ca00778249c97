"""The plan's token: bound to exactly what was shown, and able to say what changed since."""

import string

from hypothesis import given as for_all
from hypothesis import strategies as st

from governance.domain.deletion import (
    BLOCKS,
    MAX_PRINTS,
    UNBLOCKERS,
    Finding,
    Group,
    Plan,
    Step,
    blocking,
    is_for,
    moved_since,
)

words = st.text(string.ascii_lowercase, min_size=1, max_size=6)
findings = st.builds(Finding, st.sampled_from(Group), words, words, title=words, is_seen=st.booleans())
plans = st.builds(
    Plan,
    st.just("system"),
    words,
    st.integers(1, 5),
    st.booleans(),
    st.lists(findings, max_size=6, unique_by=lambda f: (f.group, f.ref)).map(tuple),
)


def plan(*found, version=1, is_retired=False):
    return Plan("system", "one", version, is_retired, found)


def basis(each):
    return (each.entity, each.version, each.is_retired, sorted((f.group, f.ref, f.state) for f in each.findings))


@for_all(plans, plans)
def test_a_token_is_for_one_plan_only(one, other):
    assert is_for(one.token, other) == (basis(one) == basis(other))


@for_all(plans)
def test_the_order_of_what_was_found_does_not_matter(one):
    turned = Plan(one.kind, one.entity, one.version, one.is_retired, one.findings[::-1])
    assert is_for(one.token, turned)
    assert moved_since(one.token, turned) == []


@for_all(plans, plans)
def test_what_moved_is_told_whenever_the_list_or_the_version_differs(before, now):
    told = moved_since(before.token, now)
    counted = {each.what: (each.added, each.removed) for each in told}
    assert ("version" in counted) == (before.version != now.version)
    for group in Group:
        old = {(f.ref, f.state) for f in before.findings if f.group is group}
        new = {(f.ref, f.state) for f in now.findings if f.group is group}
        assert counted.get(group.value, (0, 0)) == (len(new - old), len(old - new))


@for_all(plans, plans)
def test_nothing_hidden_is_named(before, now):
    seen = {f.title for f in now.findings if f.is_seen}
    assert {name for each in moved_since(before.token, now) for name in each.named} <= seen


def test_too_many_to_remember_are_still_counted():
    many = [Finding(Group.ENDPOINTS, str(n)) for n in range(MAX_PRINTS + 20)]
    told = moved_since(plan(*many).token, plan(*many[:-3], Finding(Group.RELATIONS, "r")))
    assert [(each.what, each.added, each.removed) for each in told] == [("endpoints", 0, 3), ("relations", 1, 0)]
    assert len(plan(*many).token) < 400
    assert len(plan(*many[:MAX_PRINTS]).token) < 8000


@for_all(st.text(max_size=200))
def test_what_was_never_given_out_is_for_nothing_and_tells_nothing(text):
    assert not is_for(text, plan())
    assert isinstance(moved_since(text, plan()), list)


def test_what_runs_stops_the_first_step_and_what_depends_the_second():
    used, runs, related = Finding(Group.ENDPOINTS, "e"), Finding(Group.LIVE, "l"), Finding(Group.RELATIONS, "r")
    assert blocking(plan(used, related), Step.RETIRE) == []
    assert plan(used).may_proceed
    assert blocking(plan(used, related), Step.TOMBSTONE) == [Group.ENDPOINTS]
    assert not plan(used, is_retired=True).may_proceed
    assert blocking(plan(runs), Step.RETIRE) == blocking(plan(runs), Step.TOMBSTONE) == [Group.LIVE]
    assert plan(related, is_retired=True).may_proceed


def test_everything_that_stops_names_who_can_clear_it():
    assert {group for group in Group if BLOCKS[group]} == set(UNBLOCKERS)
