"""Casting votes: who may, on what, and what the last one sets in motion."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.domain.roles import Role
from foundation.ids import uuid7
from governance.domain.ballots import Choice
from governance.domain.errors import ChangeMissing, ContentMoved, NotEligible, NothingToRetract, ReasonNeeded, RequestClosed
from governance.domain.lifecycle import State
from governance.models import ChangeRequest, Vote
from governance.services import dispatching
from runtime_adapters.models import Authorisation, Deployment, DesiredState

APPROVE, REJECT, RETRACT = Choice.APPROVE, Choice.REJECT, Choice.RETRACT
OTHER = "sha256:" + "0" * 64


def test_last_vote_makes_it_desired(given):
    change = given.change_in_review(needs=2, voted=["ann"])
    given.vote(change, "bob")
    assert given.again(change).state == State.DISPATCHED
    assert given.desired(given.slot_of(change)).digest == change.release.digest
    assert given.events(change) == [
        "governance.change.drafted",
        "governance.change.submitted",
        "governance.vote.cast",
        "governance.vote.cast",
        "governance.change.approved",
        "governance.change.dispatched",
    ]


def test_what_is_desired_is_what_was_shown(given):
    change = given.change_in_review(needs=1, voted=["ann"])
    target, desired = change.targets.get(), given.desired(given.slot_of(change))
    assert (desired.payload, desired.payload_digest, desired.content_hash) == (target.payload, target.payload_digest, target.content_hash)
    assert desired.change_id == change.id
    assert Authorisation.objects.get(slot=target.slot).not_after == change.execute_until


def test_dispatch_and_vote_are_one_transaction(given, monkeypatch):
    """When what should run cannot be written, neither is the vote."""
    change = given.change_in_review(needs=1)

    def broken(**_kwargs):
        raise DatabaseError("no disk")

    monkeypatch.setattr(dispatching.deployments, "set_desired", broken)
    with pytest.raises(DatabaseError), transaction.atomic():
        given.vote(change, "ann")
    assert given.again(change).state == State.OPEN
    assert not Vote.objects.exists()
    assert not DesiredState.objects.exists()
    assert "governance.vote.cast" not in given.events(change)


def test_a_vote_on_other_content_leaves_no_row(given):
    change = given.change_in_review()
    with pytest.raises(ContentMoved) as refusal:
        given.vote(change, "ann", shown=OTHER)
    assert refusal.value.extra["subject_digest"] == change.subject_digest
    assert not Vote.objects.exists()


@pytest.mark.parametrize("name", ["olga", "dora"], ids=["requester", "author"])
def test_nobody_judges_their_own_work(given, name):
    given.board(members=["ann", "bob", "cid", "olga", "dora"])
    given.agent()
    given.policy("default", given.quorum(needs=1))
    given.releasable(by="dora")
    change = given.asked(by="olga")
    with pytest.raises(NotEligible, match="own work"):
        given.vote(change, name)
    assert not Vote.objects.exists()


def test_an_administrator_has_no_vote(given):
    change = given.change_in_review(needs=1)
    root = given.person("root")
    root.is_superuser = True
    root.save()
    with pytest.raises(NotEligible, match="none of the boards"):
        given.vote(change, "root")
    assert given.again(change).state == State.OPEN


def test_an_authors_other_account_has_no_vote(given):
    olga = given.person("olga")
    given.person("olga-private", person_id=olga.person_id)
    given.board(members=["ann", "bob", "olga-private"])
    change = given.change_in_review(needs=1)
    with pytest.raises(NotEligible, match="own work"):
        given.vote(change, "olga-private")


def test_two_accounts_of_one_person_are_one_vote(given):
    ann = given.person("ann")
    given.person("ann-too", person_id=ann.person_id)
    given.board(members=["ann", "ann-too", "bob"])
    change = given.change_in_review(needs=2, voted=["ann", "ann-too"])
    assert change.state == State.OPEN


def test_a_machine_has_no_vote_even_on_a_board(given):
    ann = given.person("ann")
    given.person("robot", kind="service", person_id=ann.person_id)
    given.board(members=["ann", "bob", "cid", "robot"])
    change = given.change_in_review(needs=1)
    with pytest.raises(NotEligible, match="Only people"):
        given.vote(change, "robot")


def test_a_token_votes_only_where_the_policy_allows_it(given):
    change = given.change_in_review(needs=1)
    ann = given.person("ann")
    by_token = {"actor": type(given.actor("ann"))(type="token", ref=uuid7(), person_id=ann.person_id, on_behalf_of=ann.id)}
    with pytest.raises(NotEligible, match="token"):
        given.vote(change, "ann", **by_token)
    given.policy("second", given.quorum("robots", needs=1, token_votes=True))
    other = given.asked(integration=given.releasable("other").integration.slug)
    given.vote(other, "ann", **by_token)
    assert Vote.objects.get(change=other).by_token


def test_voting_again_in_person_counts_where_the_token_did_not(given):
    given.policy("second", given.quorum("robots", needs=1, token_votes=True))
    change = given.change_in_review(needs=1)
    ann = given.person("ann")
    by_token = {"actor": type(given.actor("ann"))(type="token", ref=uuid7(), person_id=ann.person_id, on_behalf_of=ann.id)}
    given.vote(change, "ann", **by_token)
    given.vote(
        change, "bob", **{**by_token, "actor": type(by_token["actor"])(type="token", ref=uuid7(), person_id=given.person("bob").person_id)}
    )
    assert given.again(change).state == State.OPEN
    given.vote(change, "ann")
    assert given.again(change).state == State.DISPATCHED


def test_saying_the_same_again_changes_nothing(given):
    change = given.change_in_review(voted=["ann"])
    events, version = given.events(change), change.version
    again = given.vote(change, "ann")
    assert (again.state, again.version) == (State.OPEN, version)
    assert given.votes_on(change) == [("ann", "approve")]
    assert given.events(change) == events


def test_a_veto_ends_it_and_says_why(given):
    change = given.change_in_review(voted=["ann"])
    given.vote(change, "bob", REJECT, reason="It drops orders without a customer.")
    closed = given.again(change)
    assert (closed.state, closed.closed_at) == (State.REJECTED, given.now)
    with pytest.raises(RequestClosed):
        given.vote(change, "cid")
    assert len(given.votes_on(change)) == 2
    assert not DesiredState.objects.exists()


@pytest.mark.parametrize("choice", [REJECT, Choice.REQUEST_CHANGES])
@pytest.mark.parametrize("reason", ["", "   "])
def test_no_without_a_reason_is_refused(given, choice, reason):
    change = given.change_in_review()
    with pytest.raises(ReasonNeeded):
        given.vote(change, "ann", choice, reason=reason)
    assert not Vote.objects.exists()


def test_asking_for_changes_gives_it_back(given):
    change = given.change_in_review(voted=["ann"])
    given.vote(change, "bob", Choice.REQUEST_CHANGES, reason="Name the error queue.")
    assert given.again(change).state == State.DRAFT
    with pytest.raises(RequestClosed):
        given.vote(change, "cid")
    given.later(minutes=1)
    given.releasable(version="1.0.1", every_s=9)
    resubmitted = given.edited(change, release="1.0.1")
    assert (resubmitted.state, resubmitted.revision) == (State.OPEN, 2)
    assert resubmitted.subject_digest != change.subject_digest


def test_a_vote_taken_back_no_longer_counts(given):
    change = given.change_in_review(needs=2, voted=["ann"])
    given.vote(change, "ann", RETRACT)
    given.vote(change, "bob")
    assert given.again(change).state == State.OPEN
    assert "governance.vote.retracted" in given.events(change)
    with pytest.raises(NothingToRetract):
        given.vote(change, "cid", RETRACT)


def test_taking_back_reopens_what_was_approved_but_not_sent(given):
    change = given.change_in_review(needs=2, voted=["ann", "bob"], not_before=given.now + timedelta(hours=1))
    assert change.state == State.SCHEDULED
    given.vote(change, "ann", RETRACT)
    reopened = given.again(change)
    assert (reopened.state, reopened.approved_at, reopened.execute_until) == (State.OPEN, None, None)


def test_a_member_removed_between_vote_and_quorum_does_not_count(given):
    change = given.change_in_review(needs=2, voted=["ann"])
    given.remove_from_board("ann")
    given.vote(change, "bob")
    assert given.again(change).state == State.OPEN
    with pytest.raises(NotEligible):
        given.vote(change, "ann", RETRACT)
    given.vote(change, "cid")
    assert given.again(change).state == State.DISPATCHED
    approvers = {str(given.person(name).person_id) for name in ("bob", "cid")}
    assert set(given.facts(change, "governance.change.dispatched")["approvers"]) == approvers


def test_a_deactivated_member_does_not_count(given):
    change = given.change_in_review(needs=2, voted=["ann"])
    given.deactivated("ann")
    given.vote(change, "bob")
    assert given.again(change).state == State.OPEN


def test_a_rule_tightened_since_applies_and_a_loosened_one_does_not(given):
    change = given.change_in_review(needs=2, voted=["ann"])
    given.tightened("default", given.quorum(needs=3))
    given.vote(change, "bob")
    assert given.again(change).state == State.OPEN
    given.tightened("default", given.quorum(needs=1))
    given.vote(change, "cid", Choice.ABSTAIN)
    assert given.again(change).state == State.DISPATCHED, "two were asked at submission, and two approve"


def test_a_policy_made_since_applies_to_open_requests(given):
    change = given.change_in_review(needs=1)
    given.board("risk", members=["eve"])
    given.policy("risk", given.quorum("risk", needs=1, boards=["risk"]))
    given.vote(change, "ann")
    assert given.again(change).state == State.OPEN
    given.vote(change, "eve")
    assert given.again(change).state == State.DISPATCHED


def test_after_the_review_time_votes_are_refused_although_no_sweeper_ran(given):
    change = given.change_in_review(needs=1)
    given.now = change.review_until
    with pytest.raises(RequestClosed, match="expired"):
        given.vote(change, "ann")
    assert given.again(change).state == State.OPEN, "nothing wrote it down yet"
    assert given.reviewed(change).state == State.EXPIRED
    assert given.events(change)[-1] == "governance.change.expired"


def test_an_invisible_request_is_missing(given):
    given.releasable()
    given.agent()
    given.policy()
    change = given.asked()
    type(change.integration).objects.filter(pk=change.integration_id).update(visibility="restricted")
    with pytest.raises(ChangeMissing):
        given.vote(change, "eve")
    given.vote(change, "ann")  # judges may see what they judge


def test_the_database_keeps_votes(given):
    change = given.change_in_review(voted=["ann"])
    vote = Vote.objects.get(change=change)
    for attempt in (lambda: Vote.objects.filter(pk=vote.pk).update(value="reject"), vote.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert Vote.objects.get(pk=vote.pk).value == "approve"


def test_a_generation_exists_only_for_a_request_that_was_ready(given):
    """G1, over a handful of requests that ended in every way."""
    given.change_in_review(needs=1, voted=["ann"])
    for version, choice in (("1.1.0", REJECT), ("1.2.0", Choice.ABSTAIN), ("1.3.0", APPROVE)):
        given.later(minutes=1)
        given.releasable(version=version, every_s=len(version) + int(version[2]))
        given.vote(given.asked(version), "bob", choice)
    sent = set(Deployment.objects.values_list("change_id", flat=True))
    assert sent == set(ChangeRequest.objects.filter(dispatched_at__isnull=False).values_list("id", flat=True))
    assert ChangeRequest.objects.filter(dispatched_at__isnull=False).count() == 2


def test_an_auditor_reads_and_has_no_vote(given):
    change = given.change_in_review(needs=1)
    given.person("vera", roles_held=[Role.AUDITOR])
    with pytest.raises(NotEligible):
        given.vote(change, "vera")
