"""The gate, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.domain.ballots import Choice
from governance.domain.evaluation import Situation, Status, Verdict, evaluate, shortfall
from governance.domain.requirements import CheckName, Enforcement
from tests.governance.people import (
    ANN,
    BOB,
    CID,
    DEE,
    OLD,
    advisory,
    approve,
    ballot,
    check,
    failed,
    passed,
    quorum,
    reject,
    retract,
)
from tests.governance.people import NEW as DIGEST

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BOARD = {"board": frozenset({ANN, BOB, CID})}


def judge(*requirements, ballots=(), members=BOARD, excluded=(), checks=None, now=NOON):
    situation = Situation(DIGEST, requirements, ballots, members, frozenset(excluded), checks or {})
    return evaluate(situation, now=now)


@pytest.mark.parametrize(
    ("ballots", "expected"),
    [
        ([approve(ANN)], {ANN}),
        ([approve(ANN, digest=OLD)], set()),
        ([approve(ANN), retract(ANN, sequence=2)], set()),
        ([retract(ANN), approve(ANN, sequence=2)], {ANN}),
        ([approve(ANN, sequence=2), reject(ANN, sequence=1)], {ANN}),
        ([approve(ANN), ballot(ANN, Choice.ABSTAIN, sequence=2)], set()),
        ([approve(ANN), approve(ANN, sequence=2)], {ANN}),
        ([approve(DEE)], set()),
        ([approve(BOB)], set()),
        ([approve(ANN, by_token=True)], set()),
    ],
    ids=[
        "fresh",
        "on another digest",
        "taken back",
        "given again",
        "latest counts whatever the order of arrival",
        "changed to abstain",
        "twice is once",
        "not on the board",
        "author of the content",
        "by token where a token may not",
    ],
)
def test_which_votes_are_counted(ballots, expected):
    verdict = judge(quorum(needs=3, veto=False), ballots=ballots, excluded={BOB})
    assert verdict.statuses[0].counted == expected


@pytest.mark.parametrize(
    ("requirements", "ballots", "verdict"),
    [
        ([quorum(needs=2)], [approve(ANN)], Verdict.BLOCKED),
        ([quorum(needs=2)], [approve(ANN), approve(BOB)], Verdict.READY),
        ([quorum(needs=1)], [approve(ANN), reject(BOB)], Verdict.VETOED),
        ([quorum(needs=1, veto=False)], [approve(ANN), reject(BOB)], Verdict.READY),
        ([quorum(needs=1)], [approve(ANN), ballot(BOB, Choice.REQUEST_CHANGES)], Verdict.RETURNED),
        ([quorum(needs=1)], [reject(ANN), ballot(BOB, Choice.REQUEST_CHANGES)], Verdict.VETOED),
        ([quorum(needs=1)], [approve(ANN), reject(DEE)], Verdict.READY),
        ([quorum(needs=1)], [approve(ANN), reject(BOB, by_token=True)], Verdict.READY),
        ([quorum(needs=1, token_votes=True)], [approve(ANN, by_token=True)], Verdict.READY),
        ([advisory("look")], [], Verdict.READY),
        ([quorum(), advisory("look")], [approve(ANN)], Verdict.READY),
        ([advisory("look"), quorum()], [approve(ANN)], Verdict.READY),
        ([advisory("look")], [reject(ANN)], Verdict.READY),
        ([advisory("look")], [ballot(ANN, Choice.REQUEST_CHANGES)], Verdict.READY),
    ],
    ids=[
        "one of two",
        "two of two",
        "a veto ends it though the seats are full",
        "a reject without veto is one opinion",
        "changes requested",
        "a veto outweighs a request for changes",
        "a stranger cannot veto",
        "a token cannot veto where it may not vote",
        "a token may vote where allowed",
        "advisory alone never blocks",
        "advisory unfilled does not block",
        "an advisory quorum named first takes nobody away",
        "an advisory reject warns",
        "an advisory request for changes warns",
    ],
)
def test_verdict(requirements, ballots, verdict):
    assert judge(*requirements, ballots=ballots).verdict is verdict


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (None, Status.WAITING),
        (passed(), Status.SATISFIED),
        (passed(OLD), Status.WAITING),
        (passed(valid_until=NOON), Status.WAITING),
        (passed(valid_until=NOON + timedelta(microseconds=1)), Status.SATISFIED),
        (failed(), Status.FAILED),
        (failed(OLD), Status.WAITING),
    ],
    ids=[
        "never ran",
        "passed",
        "ran on other content",
        "evidence ran out at this instant",
        "still valid",
        "failed",
        "failed on other content",
    ],
)
@pytest.mark.parametrize("enforcement", Enforcement)
def test_checks_bind_to_the_content_and_to_time(outcome, status, enforcement):
    found = judge(check(CheckName.OWNED, enforcement), checks={} if outcome is None else {"owned": outcome})
    assert found.statuses[0].status is status
    blocked = status is not Status.SATISFIED and enforcement is not Enforcement.ADVISORY
    assert found.verdict is (Verdict.BLOCKED if blocked else Verdict.READY)


def test_no_human_can_unblock_a_failed_check():
    found = judge(check(), checks={"documented": failed(detail="runbook missing")})
    assert found.who_can_unblock == frozenset()
    assert found.blockers[0].detail == "runbook missing"


def test_one_person_does_not_fill_seats_of_two_requirements():
    found = judge(quorum("business"), quorum("risk"), ballots=[approve(ANN)])
    assert found.verdict is Verdict.BLOCKED
    assert [len(status.counted) for status in found.statuses] == [1, 0]


def test_a_person_moves_over_so_that_everybody_is_seated():
    members = {"business": frozenset({ANN, BOB}), "risk": frozenset({ANN})}
    found = judge(
        quorum("business", boards=("business",)), quorum("risk", boards=("risk",)), ballots=[approve(ANN), approve(BOB)], members=members
    )
    assert found.verdict is Verdict.READY
    assert [status.counted for status in found.statuses] == [{BOB}, {ANN}]


def test_who_can_unblock_names_the_one_who_frees_a_seat_elsewhere():
    """Ann sits for business; only Bob's approval there lets her move to the risk seat, for which she alone is eligible."""
    members = {"business": frozenset({ANN, BOB}), "risk": frozenset({ANN})}
    found = judge(quorum("business", boards=("business",)), quorum("risk", boards=("risk",)), ballots=[approve(ANN)], members=members)
    assert found.blockers[0].requirement.name == "risk"
    assert found.who_can_unblock == {BOB}


def test_a_lost_seat_no_longer_counts():
    ballots = [approve(ANN), approve(BOB)]
    assert judge(quorum(needs=2), ballots=ballots).verdict is Verdict.READY
    assert judge(quorum(needs=2), ballots=ballots, members={"board": frozenset({ANN, CID})}).verdict is Verdict.BLOCKED


@pytest.mark.parametrize(
    ("requirements", "excluded", "expected"),
    [
        ([quorum(needs=3)], {}, {}),
        ([quorum(needs=3)], {ANN}, {"board": 1}),
        ([quorum("a", 2), quorum("b", 2)], {}, {"b": 1}),
        ([quorum("a", 2), advisory("b", 5)], {}, {}),
        ([quorum("ghost", 1, ("nobody",))], {}, {"ghost": 1}),
    ],
    ids=["just enough", "an author is missing", "persons are not counted twice", "advisory does not count", "an empty board"],
)
def test_shortfall(requirements, excluded, expected):
    assert shortfall(Situation(DIGEST, requirements, members=BOARD, excluded=frozenset(excluded))) == expected
