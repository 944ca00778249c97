"""Who answers for an integration: the rule, and the same rule asked of the database."""

import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, settings
from hypothesis import given as each
from hypothesis import strategies as st

from accounts.models import User
from accounts.selectors import teams
from catalog.domain.ownership import DEFAULTS, PERSONAL, Account, Owners, missing_roles
from catalog.domain.vocabulary import OwnerRole
from catalog.models import Integration
from catalog.selectors import owners

ROLES = list(PERSONAL)
accounts = st.builds(Account, id=st.uuids(), answers=st.booleans())
worlds = st.builds(
    Owners,
    by_role=st.dictionaries(st.sampled_from(ROLES), accounts),
    co_owners=st.lists(accounts, max_size=3).map(tuple),
    team=st.lists(accounts, max_size=3).map(tuple),
)
YES, NO = Account(UUID(int=1), answers=True), Account(UUID(int=2), answers=False)


@pytest.mark.parametrize(
    ("found", "orphan", "user_only"),
    [
        (Owners(), True, False),
        (Owners(by_role={OwnerRole.TECHNICAL_OWNER: NO}, co_owners=(NO,), team=(NO,)), True, False),
        (Owners(by_role={OwnerRole.DATA_STEWARD: YES}), False, True),
        (Owners(co_owners=(NO, YES)), False, True),
        (Owners(team=(NO, YES)), False, False),
        (Owners(by_role={OwnerRole.ON_CALL: YES}, team=(YES,)), False, False),
    ],
    ids=["nobody", "only inactive people", "a steward alone", "a co-owner alone", "the team alone", "both"],
)
def test_standing(found, orphan, user_only):
    assert (found.standing.is_orphan, found.standing.is_user_only) == (orphan, user_only)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@each(worlds)
def test_adding_somebody_active_never_makes_an_orphan_and_nobody_inactive_ever_helps(world):
    """An orphan is what has no active owner: one more active owner ends it, inactive ones change nothing."""
    helped = Owners(world.by_role, (*world.co_owners, YES), world.team)
    assert not helped.standing.is_orphan
    assert Owners(world.by_role, (*world.co_owners, NO), (*world.team, NO)).standing == world.standing


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@each(worlds, st.sampled_from([1, 2, 3]))
def test_a_role_is_missing_when_nobody_active_holds_it(world, tier):
    asked = DEFAULTS[tier]
    missing = missing_roles(world, asked)
    assert set(missing) <= set(asked.owner_roles)
    for role in set(asked.owner_roles) - {OwnerRole.ACCOUNTABLE_TEAM}:
        assert (role in missing) == (role not in world.by_role or not world.by_role[role].answers)
    if world.standing.is_orphan:
        assert missing == asked.owner_roles


def test_the_defaults_ask_more_of_a_higher_tier():
    assert [len(DEFAULTS[tier].owner_roles) for tier in (1, 2, 3)] == [5, 3, 2]
    assert [DEFAULTS[tier].attest_every_days for tier in (1, 2, 3)] == [90, 180, 365]


def random_world(given, rng):
    """Three levels of teams with active, inactive and machine members; integrations whose roles name any of them."""
    people = [given.person(f"p{n}", kind=rng.choice(["human", "human", "service"])) for n in range(6)]
    User.objects.filter(pk__in=[p.pk for p in people if rng.random() < 0.5]).update(is_active=False)
    chain = []
    for n in range(5):
        parent = rng.choice([None, *chain])
        chain.append(given.team(f"t{n}", parent=parent, members=rng.sample(people, rng.choice([0, 0, 1, 2]))))
    for n in range(8):
        row = given.integration(f"i{n}", team=rng.choice(chain), tier=rng.choice([1, 2, 3]))
        named = {column: rng.choice([None, *people]) for column in PERSONAL.values()} if rng.random() < 0.6 else {}
        held = rng.sample([p.pk for p in people] + [uuid4()], rng.choice([0, 0, 1, 2]))
        Integration.objects.filter(pk=row.pk).update(**named, co_owners=held)


@pytest.mark.parametrize("seed", range(12))
def test_the_lists_agree_with_the_rule(given, seed):
    """`orphan_q`, `lacking_q` and the gate's statement say of every row what the pure rule says of it."""
    random_world(given, random.Random(seed))
    rows = list(Integration.objects.all())
    found = owners.owners_of(rows)
    orphans = set(Integration.objects.filter(owners.orphan_q()).values_list("pk", flat=True))
    lacking = set(Integration.objects.filter(owners.lacking_q(DEFAULTS)).values_list("pk", flat=True))
    assert orphans == {row.pk for row in rows if found[row.pk].standing.is_orphan}
    assert lacking == {row.pk for row in rows if missing_roles(found[row.pk], DEFAULTS[row.tier])}
    for row in rows:
        assert owners.standing_of(row.pk) == found[row.pk].standing
    staffed = set(Integration.objects.filter(owners.staffed_q() & Q(tier__gte=1)).values_list("pk", flat=True))
    assert staffed == {row.pk for row in rows if found[row.pk].members}


def test_owners_of_many_rows_take_a_fixed_number_of_queries(given, django_assert_num_queries):
    random_world(given, random.Random(1))
    rows = list(Integration.objects.all())
    with django_assert_num_queries(3):
        owners.owners_of(rows)


def test_a_circle_in_the_tree_ends(given):
    """The tree refuses circles; a reader must still come to an end if one ever stood there."""
    one = given.team("one")
    two = given.team("two", parent=one)
    type(one).objects.filter(pk=one.pk).update(parent=two)
    assert set(teams.above([one.pk])[one.pk]) == {one.pk, two.pk}


def test_what_was_never_attested_counts_from_its_registration(given):
    rules = DEFAULTS[1]
    assert rules.attest_due_at(None, given.now) == given.now + timedelta(days=90)
    assert rules.attest_due_at(given.now + timedelta(days=5), given.now) == given.now + timedelta(days=95)
