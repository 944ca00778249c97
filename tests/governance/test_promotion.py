"""Orphans keep running and cannot be promoted, whatever the policy says; what answers in its own name only stays out of production."""

import pytest

from catalog.domain.ownership import Standing
from catalog.models import Integration
from governance.domain.errors import NobodyAnswers, NoTeamAnswers
from governance.domain.promotion import barrier
from governance.services import rollbacks
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.models import Deployment, DesiredState

ORPHAN, USER_ONLY = Standing(has_named=False, has_team=False), Standing(has_named=True, has_team=False)
TEAM = Standing(has_named=False, has_team=True)


@pytest.mark.parametrize(
    ("standing", "action", "to_production", "expected"),
    [
        (ORPHAN, "deploy", False, NobodyAnswers),
        (ORPHAN, "deploy", True, NobodyAnswers),
        (ORPHAN, "rollback", True, None),
        (ORPHAN, "retire", True, None),
        (USER_ONLY, "deploy", True, NoTeamAnswers),
        (USER_ONLY, "deploy", False, None),
        (USER_ONLY, "rollback", True, None),
        (TEAM, "deploy", True, None),
    ],
)
def test_barrier(standing, action, to_production, expected):
    assert barrier(standing, action=action, to_production=to_production) is expected


def test_an_orphan_cannot_be_submitted_and_the_refusal_names_who_can_unblock(given):
    given.agent()
    given.policy()
    given.releasable()
    given.empty_team("payments")
    with pytest.raises(NobodyAnswers) as refused:
        given.asked(by="root")
    assert "Can unblock: Root." in str(refused.value)
    assert refused.value.extra == {"who_can_unblock": ["root"]}


def test_a_named_owner_alone_is_not_enough_for_production_but_for_a_test_environment(given):
    given.agent()
    given.agent("trial", environment="test")
    given.policy()
    given.policy("for-test", given.quorum(needs=1), environments=["test"])
    given.releasable()
    given.owned(Integration.objects.get(slug="orders-to-erp"), technical_owner="tom")
    given.empty_team("payments")
    with pytest.raises(NoTeamAnswers):
        given.asked(by="root")
    assert given.asked(by="root", targets=[{"environment": "test", "runtime": "trial"}]).state == "open"


def test_who_became_an_orphan_in_review_is_held_back_at_dispatch_and_goes_on_when_somebody_answers(given):
    """The last vote finds nobody to answer: nothing is sent, the page says why; a member later the review sends it."""
    change = given.change_in_review(needs=1)
    given.empty_team("payments")
    change = given.vote(change, "ann")
    assert (change.state, Deployment.objects.count()) == ("approved", 0)
    assert "Nobody active answers" in change.stale_reason
    assert "Can unblock: Root" in change.stale_reason
    assert given.reviewed(change).state == "approved"
    given.team("payments", members=["nora"])
    assert given.reviewed(change).state == "dispatched"


def test_an_orphan_keeps_running_and_may_go_back(given):
    """Desired state stays as it was, and a rollback of what once succeeded needs no owner."""
    given.live_change("1.0.0")
    newer = given.live_change("2.0.0", every_s=5)
    slot = given.slot_of(newer)
    before = DesiredState.objects.get(slot=slot)
    given.empty_team("payments")
    after = DesiredState.objects.get(slot=slot)
    assert (after.generation, after.digest) == (before.generation, before.digest)
    back = rollbacks.request_rollback(slot_id=slot.id, to_release="1.0.0", reason="Back.", **given.by("root"))
    assert (back.action, back.state) == ("rollback", "open")
    assert given.vote(back, "ann").state == "dispatched"


def test_what_is_called_a_rollback_and_brings_something_newer_is_a_promotion(given):
    """Back to 1.0.0 and "back" to 2.0.0 again: the way up is closed to an orphan, at submission and at dispatch."""
    given.live_change("1.0.0")
    newer = given.live_change("2.0.0", every_s=5)
    slot = given.slot_of(newer)
    back = rollbacks.request_rollback(slot_id=slot.id, to_release="1.0.0", reason="Back.", **given.by("root"))
    given.ended(given.vote(back, "ann"), DeploymentState.SUCCEEDED)
    up = {"slot_id": slot.id, "to_release": "2.0.0", "reason": "Up again."}
    waiting = rollbacks.request_rollback(**up, **given.by("root"))
    assert (waiting.action, waiting.state) == ("rollback", "open")
    given.empty_team("payments")
    held = given.vote(waiting, "ann")
    assert (held.state, "Nobody active answers" in held.stale_reason) == ("approved", True)
    with pytest.raises(NobodyAnswers):
        rollbacks.request_rollback(**up, **given.by("root"))
    assert DesiredState.objects.get(slot=slot).release.version == "1.0.0"
