"""What governance asks of the runtime side, and what it is told."""

import pytest

from audit.models import Event
from foundation import carrier
from foundation.clock import db_now
from foundation.ids import uuid7
from runtime_adapters import contract
from runtime_adapters.domain.errors import NoSuchSlot, NotResumable, SlotQuarantined
from runtime_adapters.models import Authorisation, Deployment, Expectation
from runtime_adapters.selectors import deployments as selectors
from runtime_adapters.services import deployments
from runtime_adapters.services.reconcile import reconcile
from tests.given.delivery import DISPATCHER, deployment_of
from tests.runtime_adapters.conftest import manifest

pytestmark = pytest.mark.django_db


def succeeded(stage, release):
    deployment = stage.given.desire(stage.slot, release)
    reconcile(slot_id=stage.slot.id)
    assert deployment_of(deployment.id).state == "succeeded"
    return deployment


def test_rolling_back_goes_to_the_newest_good_release_that_is_not_quarantined(stage, world):
    third = stage.given.release(stage.integration, "1.2.0", manifest=manifest("fake", step=3))
    first, second = succeeded(stage, stage.first), succeeded(stage, stage.second)
    world.faults.append(contract.InvalidInput("no"))
    stage.given.desire(stage.slot, third)
    reconcile(slot_id=stage.slot.id)
    assert selectors.rollback_target(stage.slot.id, excluding=third.digest).id == second.id
    deployments.quarantine(slot_id=stage.slot.id, digest=stage.second.digest, actor=DISPATCHER, now=db_now())
    assert selectors.rollback_target(stage.slot.id, excluding=third.digest).id == first.id
    assert selectors.rollback_target(stage.slot.id, excluding=stage.first.digest) is None


def test_what_was_rolled_back_is_no_target_again(stage):
    first = succeeded(stage, stage.first)
    second = succeeded(stage, stage.second)
    deployments.mark_rolled_back(deployment_id=second.id, actor=DISPATCHER, now=db_now())
    assert selectors.rollback_target(stage.slot.id, excluding="").id == first.id
    assert Event.objects.filter(verb="runtime_adapters.deployment.rolled_back", subject_id=second.id).count() == 1


def test_settlements_are_told_until_they_are_read(stage):
    deployment = succeeded(stage, stage.first)
    assert [one.id for one in selectors.unread_settlements()] == [deployment.id]
    assert deployments.mark_settlement_read(ids=[deployment.id], now=db_now()) == 1
    assert selectors.unread_settlements() == []
    assert deployments.mark_settlement_read(ids=[deployment.id], now=db_now()) == 0


def test_a_settlement_wakes_whoever_dispatched(stage, settings, monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(carrier, "_send", lambda name, ids: woken.append((name, ids)))
    deployment = stage.given.desire(stage.slot, stage.first)
    with django_capture_on_commit_callbacks(execute=True):
        reconcile(slot_id=stage.slot.id)
    assert (settings.PORTOLAN_WAKE_ON_DEPLOYMENT, {"deployment_id": str(deployment.id)}) in woken


def test_a_dispatch_wakes_the_reconciler_only_after_commit(stage, monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(carrier, "_send", lambda name, ids: woken.append((name, ids)))
    with django_capture_on_commit_callbacks() as waiting:
        stage.given.desire(stage.slot, stage.first)
    assert (woken, len(waiting)) == ([], 1)
    waiting[0]()
    assert woken == [("runtime_adapters.reconcile", {"slot_id": str(stage.slot.id)})]


def test_rendering_shows_the_board_what_is_sent_without_our_marks(stage, world):
    rendered = deployments.render(slot=stage.slot, release=stage.first)
    assert rendered.is_usable
    assert rendered.payload == stage.first.manifest["payload"]
    succeeded(stage, stage.first)
    held = world.held[stage.slot.id]["payload"]
    assert {name: value for name, value in held.items() if name != "marks"} == rendered.payload
    broken = stage.given.release(stage.integration, "9.0.0", manifest={"runtime_kind": "node-red", "payload": {"flows": "none"}})
    slot = stage.given.slot(stage.integration, stage.given.runtime("two", kind="node-red", config={"base_url": "http://127.0.0.1:1880"}))
    told = deployments.render(slot=slot, release=broken)
    assert not told.is_usable
    assert told.findings


def test_generations_are_never_used_again(stage):
    for n, release in enumerate([stage.first, stage.second, stage.first], start=1):
        assert stage.given.desire(stage.slot, release).generation == n
    gone = deployments.clear_desired(slot_id=stage.slot.id, change_id=uuid7(), actor=DISPATCHER, now=db_now())
    assert gone.generation == 4
    assert sorted(Deployment.objects.values_list("state", flat=True)) == ["queued", "superseded", "superseded", "superseded"]
    versions = Event.objects.filter(subject_id=stage.slot.id, version__isnull=False).order_by("version").values_list("version", flat=True)
    assert list(versions) == [1, 2, 3, 4, 5]


def test_clearing_one_slot_leaves_what_is_expected_of_the_one_beside_it(stage):
    """An expectation is of an integration in an environment: it goes with the last place there."""
    promising = stage.given.release(stage.integration, "2.0.0", manifest={**stage.first.manifest, "health": {"every_s": 60, "grace_s": 1}})
    beside = stage.given.slot(stage.integration, stage.given.runtime("two"))
    for slot in (stage.slot, beside):
        stage.given.desire(slot, promising)
    for slot, left in ((stage.slot, 1), (beside, 0)):
        deployments.clear_desired(slot_id=slot.id, change_id=uuid7(), actor=DISPATCHER, now=db_now())
        assert Expectation.objects.count() == left


def test_a_removal_is_not_sent_after_its_approval_ran_out(stage, world):
    succeeded(stage, stage.first)
    gone = deployments.clear_desired(slot_id=stage.slot.id, change_id=uuid7(), not_after=db_now(), actor=DISPATCHER, now=db_now())
    reconcile(slot_id=stage.slot.id)
    assert deployment_of(gone.id).state == "cancelled"
    assert (list(world.held), world.calls.count("remove")) == ([stage.slot.id], 0)
    assert selectors.holding([stage.slot.id]) == {stage.slot.id}, "it can be taken out by another request"


def test_what_a_slot_holds(stage):
    never = stage.given.slot(stage.integration, stage.given.runtime("two"))
    assert selectors.holding([stage.slot.id, never.id]) == set()
    stage.given.desire(stage.slot, stage.first)
    assert selectors.holding([stage.slot.id, never.id]) == {stage.slot.id}
    gone = deployments.clear_desired(slot_id=stage.slot.id, change_id=uuid7(), actor=DISPATCHER, now=db_now())
    assert selectors.holding([stage.slot.id]) == set(), "it is on its way out"
    for state, holds in (("failed", True), ("halted", True), ("cancelled", True), ("succeeded", False)):
        Deployment.objects.filter(pk=gone.pk).update(state=state, settled_at=db_now())
        assert bool(selectors.holding([stage.slot.id])) is holds, state


def test_freezes_outlive_a_new_dispatch(stage):
    stage.given.desire(stage.slot, stage.first)
    now = db_now()
    deployments.authorise(
        slot_id=stage.slot.id,
        digest=stage.first.digest,
        not_after=None,
        revoked_at=now,
        closed_intervals=[(now, None)],
        actor=DISPATCHER,
        now=now,
    )
    stage.given.desire(stage.slot, stage.second)
    row = Authorisation.objects.get()
    assert (row.digest, row.revoked_at, len(row.closed_intervals)) == (stage.second.digest, None, 1)


def test_refusals_name_the_fact(stage):
    with pytest.raises(NoSuchSlot):
        deployments.clear_desired(slot_id=uuid7(), change_id=uuid7(), actor=DISPATCHER, now=db_now())
    deployment = succeeded(stage, stage.first)
    with pytest.raises(NotResumable):
        deployments.resume(deployment_id=deployment.id, actor=DISPATCHER, now=db_now())
    deployments.quarantine(slot_id=stage.slot.id, digest=stage.first.digest, actor=DISPATCHER, now=db_now())
    with pytest.raises(SlotQuarantined):
        stage.given.desire(stage.slot, stage.first)
    assert Event.objects.filter(verb="runtime_adapters.slot.quarantined").count() == 1
