"""The gate against brute force: seats, order, monotony, and who can unblock (G2 to G6, G11, G14, G19)."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.ballots import Ballot, Choice, latest_on
from governance.domain.evaluation import Situation, Status, Verdict, eligible_for, evaluate, shortfall
from governance.domain.matching import assign
from governance.domain.requirements import Enforcement, Quorum
from tests.governance.people import ANN, BOB, CID, DEE, EVE, NEW, OLD

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PERSONS = (ANN, BOB, CID, DEE, EVE)
BOARDS = ("x", "y", "z")

persons = st.frozensets(st.sampled_from(PERSONS), max_size=5)
boards = st.lists(st.sampled_from(BOARDS), min_size=1, max_size=2, unique=True).map(lambda found: tuple(sorted(found)))
quorums = st.builds(
    Quorum,
    name=st.just(""),
    needs=st.integers(1, 3),
    boards=boards,
    veto=st.booleans(),
    token_votes=st.booleans(),
    enforcement=st.sampled_from(Enforcement),
)
requirement_lists = st.lists(quorums, min_size=1, max_size=3).map(lambda found: [replace(q, name=f"q{n}") for n, q in enumerate(found)])
votes = st.tuples(st.sampled_from(PERSONS), st.sampled_from(Choice), st.sampled_from((NEW, NEW, NEW, OLD)), st.booleans())
ballot_lists = st.lists(votes, max_size=10).map(lambda found: [Ballot(p, c, d, n + 1, t) for n, (p, c, d, t) in enumerate(found)])
situations = st.builds(
    Situation,
    digest=st.just(NEW),
    requirements=requirement_lists,
    ballots=ballot_lists,
    members=st.fixed_dictionaries(dict.fromkeys(BOARDS, persons)),
    excluded=st.frozensets(st.sampled_from(PERSONS), max_size=2),
)
many = settings(max_examples=200, deadline=None)


def brute_force_seats(demand):
    """Most seats that can be filled, by trying every way to hand them out."""
    seats = [allowed for needs, allowed in demand for _ in range(needs)]
    people = sorted(set().union(*seats), key=lambda p: p.int) if seats else []
    best = 0
    for choice in itertools.product([None, *range(len(seats))], repeat=len(people)):
        taken = [seat for seat in choice if seat is not None]
        if len(taken) == len(set(taken)) and all(s is None or p in seats[s] for p, s in zip(people, choice, strict=True)):
            best = max(best, len(taken))
    return best


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 2), persons), min_size=1, max_size=3))
def test_no_other_seating_fills_more_seats(demand):
    seated = assign({f"q{n}": entry for n, entry in enumerate(demand)})
    everybody = [person for found in seated.values() for person in found]
    assert len(everybody) == len(set(everybody)), "a person sits once"
    assert all(seated[f"q{n}"] <= allowed and len(seated[f"q{n}"]) <= needs for n, (needs, allowed) in enumerate(demand))
    assert len(everybody) == brute_force_seats(demand)


@many
@given(situations)
def test_ready_means_distinct_eligible_people_approved_exactly_this_content(situation):
    found = evaluate(situation, now=NOON)
    latest = latest_on(situation.ballots, digest=NEW)
    sitting = [person for status in found.statuses for person in status.counted]
    assert len(sitting) == len(set(sitting))
    for status in found.statuses:
        for person in status.counted:
            assert person in eligible_for(status.requirement, situation.members, situation.excluded)
            assert latest[person].choice is Choice.APPROVE
            assert latest[person].digest == NEW
            assert status.requirement.token_votes or not latest[person].by_token
    if found.verdict is Verdict.READY:
        blocking = [s for s in found.statuses if s.requirement.enforcement is not Enforcement.ADVISORY]
        assert all(len(status.counted) == status.requirement.needs for status in blocking)


@many
@given(situations)
def test_blocked_only_when_no_seating_of_the_blocking_quorums_exists(situation):
    found = evaluate(situation, now=NOON)
    latest = latest_on(situation.ballots, digest=NEW)
    blocking = [q for q in situation.requirements if q.enforcement is not Enforcement.ADVISORY]
    demand = [
        (
            q.needs,
            frozenset(
                p
                for p in eligible_for(q, situation.members, situation.excluded)
                if p in latest and latest[p].choice is Choice.APPROVE and (q.token_votes or not latest[p].by_token)
            ),
        )
        for q in blocking
    ]
    full = brute_force_seats(demand) == sum(q.needs for q in blocking)
    assert full == all(s.status is Status.SATISFIED for s in found.statuses if s.requirement in blocking)


@many
@given(situations, st.randoms())
def test_the_order_of_arrival_does_not_matter(situation, random):
    shuffled = list(situation.ballots)
    random.shuffle(shuffled)
    assert evaluate(replace(situation, ballots=shuffled), now=NOON) == evaluate(situation, now=NOON)


@many
@given(situations)
def test_replaying_every_ballot_changes_nothing(situation):
    last = max((b.sequence for b in situation.ballots), default=0)
    latest = latest_on(situation.ballots, digest=NEW)
    again = [replace(ballot, sequence=last + n + 1) for n, ballot in enumerate(latest.values())]
    assert evaluate(replace(situation, ballots=[*situation.ballots, *again]), now=NOON) == evaluate(situation, now=NOON)


def with_ballot(situation, person, choice):
    last = max((b.sequence for b in situation.ballots), default=0)
    return replace(situation, ballots=[*situation.ballots, Ballot(person, choice, NEW, last + 1)])


@many
@given(situations, st.sampled_from(PERSONS))
def test_a_reject_never_opens_the_gate_and_an_approval_never_closes_it(situation, person):
    before = evaluate(situation, now=NOON).verdict
    if before is not Verdict.READY:
        latest = latest_on(situation.ballots, digest=NEW).get(person)
        if latest is None or latest.choice is not Choice.REQUEST_CHANGES:  # who asked for changes may reject instead
            assert evaluate(with_ballot(situation, person, Choice.REJECT), now=NOON).verdict is not Verdict.READY
    else:
        assert evaluate(with_ballot(situation, person, Choice.APPROVE), now=NOON).verdict is Verdict.READY


@many
@given(situations, st.sampled_from(PERSONS), st.sampled_from(BOARDS), st.integers(0, 2))
def test_less_members_more_exclusions_and_higher_quorums_never_unblock(situation, person, board, which):
    if evaluate(situation, now=NOON).verdict is not Verdict.BLOCKED:
        return
    fewer = {**situation.members, board: situation.members[board] - {person}}
    asked = list(situation.requirements)
    asked[which % len(asked)] = replace(asked[which % len(asked)], needs=asked[which % len(asked)].needs + 1)
    for tighter in (
        replace(situation, members=fewer),
        replace(situation, excluded=situation.excluded | {person}),
        replace(situation, requirements=asked),
        replace(situation, requirements=[*situation.requirements, Quorum("extra", 1, ("x",))]),
    ):
        assert evaluate(tighter, now=NOON).verdict is not Verdict.READY


@many
@given(situations)
def test_if_everybody_named_approves_the_gate_opens(situation):
    """G19, sound."""
    found = evaluate(situation, now=NOON)
    if found.verdict is not Verdict.BLOCKED or shortfall(situation):
        return
    for person in found.who_can_unblock:
        situation = with_ballot(situation, person, Choice.APPROVE)
    assert evaluate(situation, now=NOON).verdict is Verdict.READY


@many
@given(situations)
def test_nobody_unnamed_could_fill_a_seat(situation):
    """G19, complete: the approval of somebody who is not named fills no seat of any blocking requirement."""
    found = evaluate(situation, now=NOON)
    for person in set(PERSONS) - found.who_can_unblock:
        after = evaluate(with_ballot(situation, person, Choice.APPROVE), now=NOON)
        assert sum(s.missing for s in after.blockers) >= sum(s.missing for s in found.blockers)


@many
@given(situations)
def test_satisfiable_exactly_when_everybody_eligible_approving_opens_the_gate(situation):
    """G11: what is refused at submission is exactly what could never be approved."""
    everybody = [Ballot(p, Choice.APPROVE, NEW, n + 1) for n, p in enumerate(PERSONS)]
    verdict = evaluate(replace(situation, ballots=everybody), now=NOON).verdict
    assert (verdict is Verdict.READY) == (not shortfall(situation))


@many
@given(situations, ballot_lists)
def test_votes_on_other_content_are_as_if_never_cast(situation, others):
    """G14 and G2: after edit A → B → A the votes on B are worth nothing, those on A what they were."""
    last = max((b.sequence for b in situation.ballots), default=0)
    stale = [replace(b, digest="sha256:" + "2" * 64, sequence=last + n + 1) for n, b in enumerate(others)]
    assert evaluate(replace(situation, ballots=[*situation.ballots, *stale]), now=NOON) == evaluate(situation, now=NOON)
