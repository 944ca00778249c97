"""How a change ends, and what goes back by itself."""

import pytest

from governance.domain.lifecycle import State
from governance.models import ChangeRequest
from governance.services import rollbacks, settlement
from runtime_adapters.domain.states import DeploymentState as Ended
from runtime_adapters.models import Deployment
from runtime_adapters.services import runtimes
from tests.given.governance import WORKER


@pytest.fixture
def sent(given):
    """1.0.0 succeeded in production; 1.1.0 was approved and sent."""
    given.live_change("1.0.0")
    given.releasable(version="1.1.0", every_s=7)
    change = given.asked("1.1.0")
    given.vote(change, "ann")
    given.vote(change, "bob")
    return given.again(change)


def rollback_of(change):
    return ChangeRequest.objects.filter(caused_by=change).first()


@pytest.mark.parametrize(
    ("ended", "state", "verb"),
    [
        (Ended.SUCCEEDED, State.COMPLETED, "completed"),
        (Ended.FAILED, State.FAILED, "failed"),
        (Ended.HALTED, State.FAILED, "failed"),
        (Ended.CANCELLED, State.FAILED, "failed"),
    ],
)
def test_the_change_ends_as_its_deployment_did(given, sent, ended, state, verb):
    closed = given.ended(sent, ended)
    assert (closed.state, closed.closed_at) == (state, given.now)
    assert given.events(sent)[-1] == f"governance.change.{verb}"
    assert rollback_of(sent) is None, "only a failed health gate goes back by itself"


def test_reading_it_twice_changes_nothing(given, sent):
    closed = given.ended(sent, Ended.SUCCEEDED)
    settlement.settle(change_id=sent.id, actor=WORKER, now=given.now)
    assert given.again(sent).version == closed.version
    assert settlement.settle_due(now=given.now, actor=WORKER) == 0


def test_one_of_two_slots_is_partial(given):
    given.agent()
    given.agent("second")
    given.policy("default", given.quorum(needs=1))
    given.releasable()
    change = given.asked(targets=[{"environment": "production", "runtime": name} for name in ("agent", "second")])
    given.vote(change, "ann")
    first, second = Deployment.objects.filter(change_id=change.id).order_by("slot_id")
    Deployment.objects.filter(pk=first.pk).update(state=Ended.SUCCEEDED, settled_at=given.now)
    settlement.settle_due(now=given.now, actor=WORKER)
    assert given.again(change).state == State.DISPATCHED, "one is still on its way"
    Deployment.objects.filter(pk=second.pk).update(state=Ended.HALTED, settled_at=given.now)
    settlement.settle_due(now=given.now, actor=WORKER)
    assert given.again(change).state == State.PARTIAL


def test_a_failed_gate_goes_back_by_a_recorded_change(given, sent):
    failed = given.ended(sent, Ended.UNHEALTHY)
    rollback, slot = rollback_of(sent), given.slot_of(sent)
    assert failed.state == State.FAILED
    assert (rollback.change_class, rollback.requester, rollback.state) == ("rollback", None, State.DISPATCHED)
    desired = given.desired(slot)
    assert (desired.release.version, desired.generation, desired.change_id) == ("1.0.0", 3, rollback.id)
    assert desired.quarantined == [sent.release_digest]
    assert Deployment.objects.get(change_id=sent.id).state == Ended.ROLLED_BACK
    assert given.events(rollback) == [
        "governance.rollback.triggered",
        "governance.change.submitted",
        "governance.change.approved",
        "governance.change.dispatched",
    ]
    facts = given.facts(rollback, "governance.rollback.triggered")
    assert facts["replaces"] == str(Deployment.objects.get(change_id=sent.id).id)
    assert given.facts(rollback, "governance.change.submitted")["origin"] == "automatic-rollback"


def test_a_rollback_is_never_rolled_back(given, sent):
    given.ended(sent, Ended.UNHEALTHY)
    rollback = rollback_of(sent)
    ended = given.ended(rollback, Ended.UNHEALTHY)
    assert ended.state == State.FAILED
    assert rollback_of(rollback) is None
    assert ChangeRequest.objects.count() == 3


def test_read_by_two_workers_it_goes_back_once(given, sent):
    given.ended(sent, Ended.UNHEALTHY, settle=False)
    for _ in range(2):
        settlement.settle(change_id=sent.id, actor=WORKER, now=given.now)
    assert ChangeRequest.objects.filter(caused_by=sent).count() == 1


def test_nothing_to_go_back_to_is_only_quarantined(given):
    given.agent()
    given.policy("default", given.quorum(needs=1))
    given.releasable()
    change = given.asked()
    given.vote(change, "ann")
    failed = given.ended(change, Ended.UNHEALTHY)
    assert failed.state == State.FAILED
    assert rollback_of(change) is None
    desired = given.desired(given.slot_of(change))
    assert (desired.generation, desired.quarantined) == (1, [change.release_digest])


def test_what_was_approved_since_is_not_undone(given, sent):
    """The gate of 1.1.0 fails after 1.2.0 was sent: 1.2.0 stays."""
    given.ended(sent, Ended.UNHEALTHY, settle=False)
    given.later(minutes=1)
    given.releasable(version="1.2.0", every_s=8)
    newer = given.asked("1.2.0")
    given.vote(newer, "ann")
    given.vote(newer, "bob")
    settlement.settle_due(now=given.now, actor=WORKER)
    assert given.desired(given.slot_of(sent)).release.version == "1.2.0"
    assert rollback_of(sent) is None
    assert given.again(sent).state == State.FAILED


def test_an_environment_may_leave_it_to_people(given, sent):
    type(given.slot_of(sent).environment).objects.update(rolls_back_automatically=False)
    given.ended(sent, Ended.UNHEALTHY)
    assert rollback_of(sent) is None
    assert given.desired(given.slot_of(sent)).release.version == "1.1.0"


def test_quarantined_content_does_not_come_back_unseen(given, sent):
    """The digest that failed is refused at dispatch; the request says so and stays approved."""
    given.ended(sent, Ended.UNHEALTHY)
    given.ended(rollback_of(sent), Ended.SUCCEEDED)
    given.later(minutes=1)
    again = given.asked("1.1.0")
    given.vote(again, "ann")
    given.vote(again, "bob")
    held = given.again(again)
    assert held.state == State.APPROVED
    assert held.stale_reason
    assert given.desired(given.slot_of(sent)).release.version == "1.0.0"


def test_a_person_goes_back_with_one_vote_to_what_succeeded(given, sent):
    given.ended(sent, Ended.SUCCEEDED)
    given.later(minutes=1)
    slot = given.slot_of(sent)
    change = rollbacks.request_rollback(slot_id=slot.id, to_release=None, reason="Too slow.", **given.by("olga"))
    assert (change.action, change.change_class, change.release.version) == ("rollback", "rollback", "1.0.0")
    given.vote(change, "ann")
    assert given.desired(slot).release.version == "1.0.0"


def test_going_back_to_what_never_ran_there_is_an_ordinary_change(given, sent):
    given.ended(sent, Ended.SUCCEEDED)
    given.releasable(version="0.1.0", every_s=9)
    change = rollbacks.request_rollback(slot_id=given.slot_of(sent).id, to_release="0.1.0", reason="Try.", **given.by("olga"))
    assert (change.action, change.change_class) == ("deploy", "normal")
    given.vote(change, "ann")
    assert given.again(change).state == State.OPEN


def test_one_change_that_cannot_be_settled_does_not_hold_up_the_others(given, sent, monkeypatch):
    other = given.releasable("other", version="1.0.0")
    change = given.asked("1.0.0", integration=other.integration.slug)
    given.vote(change, "ann")
    given.vote(change, "bob")
    given.ended(sent, Ended.UNHEALTHY, settle=False)
    given.ended(change, Ended.SUCCEEDED, settle=False)

    def broken(*_args, **_kwargs):
        raise RuntimeError("no")

    monkeypatch.setattr(rollbacks, "roll_back", broken)
    settlement.settle_due(now=given.now, actor=WORKER)
    assert given.again(change).state == State.COMPLETED
    assert given.again(sent).state == State.DISPATCHED, "its settlement stays unread and is tried again"


@pytest.mark.parametrize("change_of", [{"is_enabled": False}, {"environments": []}], ids=["switched-off", "taken-out"])
def test_nothing_is_sent_to_a_runtime_that_left_since_it_was_asked_for(given, change_of):
    change = given.change_in_review(voted=["ann"])
    update = {"slug": "agent", "changes": change_of, "expected_version": 1, **given.by(given.administrator())}
    runtimes.update_runtime(**update)
    given.vote(change, "bob")
    held = given.again(change)
    assert (held.state, held.dispatched_at, "agent in production" in held.stale_reason) == (State.APPROVED, None, True)
    back = {"is_enabled": True, "environments": ["production"]}
    runtimes.update_runtime(**{**update, "changes": back, "expected_version": 2})
    assert given.reviewed(change).state == State.DISPATCHED
