"""Taking an integration out of places: asked for, judged by people, sent as an empty desired state, and never undone by the way."""

import io
import zipfile

import pytest

from audit import verify
from audit.tasks import run_sequencer
from catalog.models import Integration, LiveRelease
from config.integrity import findings as disagreements
from governance.domain.errors import InvalidChange, NoPolicy
from governance.domain.requirements import JUDGE_WHAT_RUNS, Check, CheckName, Quorum, asked_of
from governance.domain.words import words_of
from governance.models import ChangeRequest, Requirement
from governance.selectors import change_requests as selectors
from governance.selectors import timelines
from governance.services import evidence, preview, rollbacks
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.models import Authorisation, Deployment, DesiredState, Slot
from runtime_adapters.services import runtimes
from tests.given.governance import REJECT, flow

pytestmark = pytest.mark.django_db
TARGET = {"environment": "production", "runtime": "agent"}
BOARD = Quorum("board", 2, ("change-board",))
CHECKS = tuple(Check(name.value, name) for name in CheckName)


def pointers(refused):
    return [(fault.pointer, fault.code) for fault in refused.value.errors]


def statements(given, change, *, redacted=False):
    overview = selectors.overview_of(change, given.viewer("ann"), now=given.now, redacted=redacted)
    return [statement.text for target in overview.targets for statement in target.statements]


class TestRules:
    @pytest.mark.parametrize(
        ("action", "change_class", "expected"),
        [
            ("deploy", "normal", (BOARD, *CHECKS)),
            ("rollback", "rollback", (Quorum("board", 1, ("change-board",)), *CHECKS)),
            ("retire", "normal", (BOARD,)),
        ],
    )
    def test_what_is_asked_of_each_action(self, action, change_class, expected):
        assert asked_of((BOARD, *CHECKS), action=action, change_class=change_class) == expected

    def test_somebody_decided_for_every_check_whether_a_removal_waits_for_it(self):
        """A new check must be put on one side or the other: this names the choice."""
        assert set(CheckName) - JUDGE_WHAT_RUNS == set()

    @pytest.mark.parametrize(
        ("verb", "facts", "expected"),
        [
            ("governance.change.dispatched", {"action": "retire"}, "wrote it down: nothing of it should run there any more"),
            ("governance.change.dispatched", {"action": "deploy"}, "wrote it down as what should run"),
            ("governance.change.approved", {"action": "retire"}, "every requirement is satisfied: approved"),
            ("runtime_adapters.deployment.recorded", {"slot": "s"}, "read back: nothing of it is left in the runtime"),
            ("runtime_adapters.deployment.recorded", {"slot": "s", "release": "r"}, "read back: the runtime holds it"),
            ("runtime_adapters.deployment.recorded", {}, "read back: the runtime holds it"),
        ],
    )
    def test_words(self, verb, facts, expected):
        assert words_of(verb, facts) == expected


class TestAsking:
    def test_only_people_are_asked_and_the_difference_is_one_sentence(self, given):
        given.agent()
        given.policy("default", given.quorum(needs=1), *(given.check(name) for name in CheckName))
        given.releasable()
        given.documented("orders-to-erp")
        given.ended(given.vote(given.reviewed(given.asked()), "ann"), DeploymentState.SUCCEEDED)
        given.later(minutes=1)
        change = given.retirement()
        assert (change.state, change.change_class, change.release, change.release_digest) == ("open", "normal", None, "")
        assert list(Requirement.objects.filter(change=change).values_list("name", flat=True)) == ["board"]
        assert statements(given, change) == statements(given, change, redacted=True) == ["1.0.0 is taken out: nothing of it stays there"]
        assert given.facts(change, "governance.change.submitted")["action"] == "retire"
        assert given.vote(given.reviewed(change), "ann").state == "dispatched"

    def test_an_orphan_may_always_be_taken_out(self, given):
        given.agent()
        given.policy("default", given.quorum(needs=1), given.check("owned"))
        given.releasable()
        given.ended(given.vote(given.reviewed(given.asked()), "ann"), DeploymentState.SUCCEEDED)
        given.empty_team("payments")
        change = given.retirement(by="root")
        assert given.vote(change, "ann").state == "dispatched"

    def test_what_is_at_its_end_and_still_runs_may_be_taken_out(self, given):
        done = given.live_change()
        given.at_stage(Integration.objects.get(pk=done.integration_id), "retired")
        assert given.retirement().state == "open"

    @pytest.mark.parametrize(
        ("command", "expected"),
        [
            ({"targets": []}, [("/targets", "empty")]),
            ({"targets": [TARGET, TARGET]}, [("/targets/1", "duplicate")]),
            ({"targets": [{"environment": "moon", "runtime": "agent"}]}, [("/targets/0/environment", "unknown")]),
            ({"targets": [TARGET, {"environment": "production", "runtime": "spare"}]}, [("/targets/1", "nothing-there")]),
            ({"release": "1.0.0"}, [("/release", "not-for-retirement")]),
        ],
        ids=["none", "twice", "unknown", "never placed", "release named"],
    )
    def test_impossible_requests_are_told_by_place_and_leave_nothing(self, given, command, expected):
        given.live_change()
        given.agent("spare")
        before = Slot.objects.count()
        with pytest.raises(InvalidChange) as refused:
            given.retirement(**command)
        assert pointers(refused) == expected
        assert (ChangeRequest.objects.count(), Slot.objects.count()) == (1, before)

    def test_whatever_runs_names_its_release(self, given):
        given.live_change()
        with pytest.raises(InvalidChange) as refused:
            given.asked(None)
        assert pointers(refused) == [("/release", "required")]

    def test_where_nothing_governs_nothing_is_taken_out_either(self, given):
        given.live_change()
        policy = given.policy()
        type(policy).objects.update(is_enabled=False)
        with pytest.raises(NoPolicy):
            given.retirement()

    def test_what_is_left_where_a_runtime_no_longer_serves_can_go_but_not_from_a_runtime_switched_off(self, given):
        given.live_change()
        agent = given.agent()
        given.environment("elsewhere")
        agent.environments.set([given.environment("elsewhere")])
        change = given.retirement()
        runtimes.update_runtime(slug="agent", changes={"is_enabled": False}, expected_version=agent.version, **given.by("root"))
        given.vote(change, "ann")
        held = given.vote(change, "bob")
        assert (held.state, held.stale_reason) == ("approved", "Not in use there any more: agent in production.")
        with pytest.raises(InvalidChange) as refused:
            given.retirement()
        assert pointers(refused) == [("/targets/0/runtime", "unknown")]

    def test_the_preview_says_what_it_needs_and_writes_nothing(self, given):
        given.live_change()
        seen = []

        def read(change):
            seen.append(change.number)
            return [r.name for r in selectors.overview_of(change, given.viewer("olga"), now=given.now, redacted=False).requirements]

        asked = {"integration": "orders-to-erp", "targets": [TARGET], "read": read, **given.by("olga")}
        assert preview.evaluate_gate(action="retire", **asked) == ["board"]
        assert not ChangeRequest.objects.filter(number__in=seen).exists()
        for wrong in ({"action": "retire", "manifest": flow()}, {}):
            with pytest.raises(InvalidChange) as refused:
                preview.evaluate_gate(**wrong, **asked)
            assert pointers(refused)[0][0] == "/manifest"

    def test_an_edit_keeps_votes_while_the_content_is_the_same_and_names_no_release(self, given):
        given.live_change()
        change = given.vote(given.retirement(), "ann")
        after = given.edited(change, reason="Said better.")
        assert (after.revision, after.subject_digest) == (1, change.subject_digest)
        with pytest.raises(InvalidChange) as refused:
            given.edited(change, release="1.0.0")
        assert pointers(refused) == [("/release", "not-for-retirement")]


class TestGoing:
    def test_the_last_vote_clears_what_should_run_and_the_end_takes_it_off_the_catalog(self, given):
        live = given.live_change()
        slot = given.slot_of(live)
        before = DesiredState.objects.get(slot=slot)
        change = given.retirement()
        given.vote(change, "ann")
        sent = given.vote(change, "bob")
        desired = DesiredState.objects.get(slot=slot)
        assert (sent.state, desired.release, desired.digest, desired.cause) == ("dispatched", None, "", "retire")
        assert (desired.generation, desired.change_id) == (before.generation + 1, change.id)
        assert Authorisation.objects.get(slot=slot).not_after == sent.execute_until
        assert LiveRelease.objects.get().release == live.release, "it runs until the runtime says otherwise"
        done = given.ended(sent, DeploymentState.SUCCEEDED)
        assert (done.state, LiveRelease.objects.count()) == ("completed", 0)
        told = [happening.words for happening in timelines.timeline_of(done)]
        assert "wrote it down: nothing of it should run there any more" in told
        assert "the runtime's desired state was emptied" in told
        assert disagreements() == []

    def test_a_rejected_one_changes_nothing(self, given):
        live = given.live_change()
        before = DesiredState.objects.get(slot=given.slot_of(live))
        change = given.vote(given.retirement(), "ann", REJECT)
        assert change.state == "rejected"
        assert DesiredState.objects.get(slot=given.slot_of(live)).generation == before.generation

    def test_it_comes_back_by_an_ordinary_deployment_only(self, given):
        live = given.live_change("1.0.0")
        given.live_change("2.0.0", every_s=5)
        given.taken_out()
        with pytest.raises(InvalidChange) as refused:
            given.asked("1.0.0", action="rollback")
        assert pointers(refused) == [("/targets/0", "nothing-there")]
        back = rollbacks.request_rollback(slot_id=given.slot_of(live).id, to_release=None, reason="Back.", **given.by("olga"))
        assert (back.action, back.change_class, back.release.version) == ("deploy", "normal", "2.0.0")
        given.vote(back, "ann")
        assert given.vote(back, "bob").state == "dispatched"
        assert given.ended(back, DeploymentState.SUCCEEDED).state == "completed"
        assert LiveRelease.objects.get().release.version == "2.0.0"

    @pytest.mark.parametrize("state", [DeploymentState.FAILED, DeploymentState.HALTED, DeploymentState.CANCELLED])
    def test_a_removal_that_did_not_succeed_fails_the_change_and_may_be_asked_for_again(self, given, state):
        live = given.live_change()
        first = given.retirement()
        given.vote(first, "ann")
        given.vote(first, "bob")
        with pytest.raises(InvalidChange, match="hold nothing"):
            given.retirement()  # it is on its way
        assert given.ended(first, state).state == "failed"
        assert LiveRelease.objects.get().release == live.release
        assert ChangeRequest.objects.count() == 2, "nothing is rolled back to"
        again = given.retirement()
        assert statements(given, again) == ["whatever is left there is taken out"]
        given.vote(again, "ann")
        given.vote(again, "bob")
        assert given.ended(again, DeploymentState.SUCCEEDED).state == "completed"
        assert not LiveRelease.objects.exists()


class TestMeanwhile:
    def test_votes_are_for_what_stood_there_then(self, given):
        """A newer release arrives by an older request: what would be taken out is another thing, and the approval does not count."""
        given.live_change("1.0.0")
        given.releasable(version="2.0.0", every_s=5)
        newer = given.asked("2.0.0")
        change = given.vote(given.retirement(), "ann")
        given.vote(newer, "ann")
        assert given.vote(newer, "bob").state == "dispatched"
        moved = given.reviewed(change)
        assert (moved.state, moved.revision) == ("open", 2)
        assert moved.subject_digest != change.subject_digest
        assert statements(given, moved) == ["2.0.0 is taken out: nothing of it stays there"]
        assert given.vote(moved, "bob").state == "open", "one of two"

    def test_a_release_sent_later_overtakes_it(self, given):
        given.live_change("1.0.0")
        change = given.retirement()
        given.releasable(version="2.0.0", every_s=5)
        newer = given.asked("2.0.0")
        given.vote(newer, "ann")
        given.vote(newer, "bob")
        assert given.reviewed(change).state == "superseded"

    def test_what_the_older_of_two_took_out_the_newer_does_not_take_out_again(self, given):
        given.live_change()
        first, second = given.retirement(), given.retirement()
        given.vote(first, "ann")
        given.vote(first, "bob")
        assert given.reviewed(second).state == "superseded"
        assert given.facts(second, "governance.change.superseded")["superseded_by"] == str(first.id)

    def test_nothing_goes_back_by_the_reduced_gate_once_it_is_out(self, given):
        live = given.live_change("1.0.0")
        given.live_change("2.0.0", every_s=5)
        change = given.retirement()
        back = given.asked("1.0.0", action="rollback")
        given.vote(change, "ann")
        assert given.vote(change, "bob").state == "dispatched"
        assert given.reviewed(back).state == "superseded"
        assert DesiredState.objects.get(slot=given.slot_of(live)).release is None

    def test_a_failing_gate_is_not_answered_by_a_rollback_once_it_is_out(self, given):
        given.live_change("1.0.0")
        given.releasable(version="2.0.0", every_s=5)
        newer = given.asked("2.0.0")
        given.vote(newer, "ann")
        given.vote(newer, "bob")
        given.ended(newer, DeploymentState.UNHEALTHY, settle=False)
        change = given.retirement()
        given.vote(change, "ann")
        assert given.vote(change, "bob").state == "dispatched"
        given.ended(newer, DeploymentState.UNHEALTHY)
        assert DesiredState.objects.get(slot=given.slot_of(change)).release is None
        assert not ChangeRequest.objects.filter(requester=None).exists()


def test_the_evidence_of_a_retirement_stands_on_its_own(given):
    """The pack holds what was taken out and exactly what was decided on, and the stand-alone verifier re-counts the votes."""
    live = given.live_change()
    done = given.taken_out()
    given.person("vera", roles_held=["auditor"])
    run_sequencer()
    pack = evidence.pack_of(done, **given.by("vera"))
    result = verify.verify_pack(pack, pinned=None, retained=None, strict_time=False)
    assert (result.verdict, result.checked["approved_changes"]) == (verify.OK, 1)
    names = zipfile.ZipFile(io.BytesIO(pack)).namelist()
    assert any(live.release_digest.removeprefix("sha256:") in name for name in names)
    assert any(done.subject_digest.removeprefix("sha256:") in name for name in names)
    assert Deployment.objects.filter(change_id=done.id, cause="retire", state="succeeded").count() == 1
