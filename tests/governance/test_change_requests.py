"""Asking, editing, taking back, and what time and other changes do to an open request."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection

from audit.models import Event
from audit.services.context import command_context, first_event_id
from governance.domain.errors import (
    ChangeMissing,
    InvalidChange,
    NoPolicy,
    NotAllowed,
    NotEligible,
    NotReady,
    RequestClosed,
    Unsatisfiable,
    VersionMoved,
)
from governance.domain.lifecycle import State
from governance.models import ChangeRequest, Requirement
from governance.selectors import change_requests as selectors
from governance.selectors.situations import effective_requirements, situation_of
from governance.services import change_requests, dispatching, preview, review
from runtime_adapters.models import Deployment, Slot
from runtime_adapters.services import runtimes
from tests.given.governance import WORKER, flow

TARGET = {"environment": "production", "runtime": "agent"}


def prepared(given, **policy):
    given.agent()
    given.policy("default", given.quorum(**policy))
    return given.releasable()


class TestSubmit:
    def test_copies_rules_fixes_authors_and_says_so(self, given):
        change = given.change_in_review(needs=2, checks=["owned"])
        assert change.state == State.OPEN
        assert change.contributors == [given.person("olga").person_id]
        assert list(Requirement.objects.filter(change=change).values_list("name", "kind", "needs")) == [
            ("board", "quorum", 2),
            ("owned", "check", None),
        ]
        facts = given.facts(change, "governance.change.submitted")
        assert facts["quorums"] == ["board:2"]
        assert facts["subject_digest"] == change.subject_digest
        assert facts["contributors"] == [str(given.person("olga").person_id)]

    def test_where_nothing_governs_nothing_is_asked(self, given):
        given.agent()
        given.releasable()
        with pytest.raises(NoPolicy, match="Production"):
            given.asked()
        assert not ChangeRequest.objects.exists()
        assert not Slot.objects.exists(), "a refused request leaves nothing behind"

    def test_what_nobody_could_approve_is_refused_with_the_shortfall(self, given):
        given.board(members=["ann", "olga"])
        prepared(given, needs=2)
        with pytest.raises(Unsatisfiable) as refusal:
            given.asked()
        assert refusal.value.extra["shortfall"] == {"board": 1}

    @pytest.mark.parametrize(
        ("targets", "pointer"),
        [
            ([], "/targets"),
            ([{"environment": "moon", "runtime": "agent"}], "/targets/0/environment"),
            ([{"environment": "production", "runtime": "ghost"}], "/targets/0/runtime"),
            ([{"environment": "staging", "runtime": "agent"}], "/targets/0/runtime"),
            ([TARGET, TARGET], "/targets/1"),
        ],
        ids=["none", "unknown environment", "unknown runtime", "runtime serves another environment", "twice"],
    )
    def test_impossible_targets_are_told_by_place(self, given, targets, pointer):
        given.environment("staging")
        prepared(given)
        with pytest.raises(InvalidChange) as refusal:
            given.asked(targets=targets)
        assert [fault.pointer for fault in refusal.value.errors] == [pointer]

    def test_a_release_for_another_kind_of_runtime_is_refused(self, given):
        prepared(given)
        subject = given.integration("orders-to-erp")
        given.release(subject, "2.0.0", manifest={"runtime_kind": "node-red", "payload": {"flows": []}}, by="olga")
        with pytest.raises(InvalidChange, match="cannot run"):
            given.asked("2.0.0")

    def test_a_release_the_adapter_cannot_render_is_refused_with_its_findings(self, given):
        prepared(given)
        subject = given.integration("orders-to-erp")
        given.release(subject, "2.0.0", manifest=flow(every_s=0), by="olga")
        with pytest.raises(InvalidChange) as refusal:
            given.asked("2.0.0")
        assert "/flow/every_s" in [fault.pointer for fault in refusal.value.errors]

    def test_only_the_owning_team_and_administrators_ask(self, given):
        prepared(given)
        for stranger in ("ann", "dora"):
            with pytest.raises(NotAllowed):
                given.asked(by=stranger)
        assert given.asked(by="root").requester.username == "root"

    @pytest.mark.parametrize(("opens", "closes"), [(None, 0), (None, -60), (60, 60), (120, 60)], ids=["now", "past", "empty", "backwards"])
    def test_an_impossible_window_is_refused(self, given, opens, closes):
        prepared(given)
        window = {"not_before": opens and given.now + timedelta(seconds=opens), "not_after": given.now + timedelta(seconds=closes)}
        with pytest.raises(InvalidChange):
            given.asked(**window)

    def test_numbers_never_repeat_though_a_request_was_undone(self, given):
        prepared(given)
        first, second = change_requests.next_number(), given.asked().number
        assert second > first

    def test_never_proven_content_does_not_get_the_reduced_gate(self, given):
        prepared(given, needs=2)
        with pytest.raises(InvalidChange) as refusal:
            given.asked(action="rollback")
        assert [fault.code for fault in refusal.value.errors] == ["never-proven"]


class TestEdit:
    def test_the_same_content_keeps_the_votes(self, given):
        change = given.change_in_review(voted=["ann"])
        edited = given.edited(change, reason="Better said.")
        assert (edited.state, edited.revision, edited.subject_digest) == (State.OPEN, 1, change.subject_digest)
        given.vote(edited, "bob")
        assert given.again(change).state == State.DISPATCHED
        assert "governance.change.updated" in given.events(change)

    def test_other_content_voids_them_and_a_late_voter_is_told(self, given):
        change = given.change_in_review(voted=["ann"])
        given.releasable(version="1.1.0", every_s=7)
        edited = given.edited(change, release="1.1.0")
        assert (edited.state, edited.revision) == (State.OPEN, 2)
        given.vote(edited, "bob")
        assert given.again(change).state == State.OPEN, "ann approved something else"

    def test_back_to_the_first_content_the_first_votes_hold(self, given):
        """G14: A → B → A counts exactly the votes cast on A."""
        change = given.change_in_review(needs=2, voted=["ann"])
        given.releasable(version="1.1.0", every_s=7)
        on_b = given.edited(change, release="1.1.0")
        given.vote(on_b, "bob")
        back = given.edited(on_b, release="1.0.0")
        assert back.subject_digest == change.subject_digest
        status = selectors.overview_of(back, given.viewer("olga"), now=given.now, redacted=False).requirements[0]
        assert status.approved_by == ("Ann",)
        given.vote(back, "cid")
        assert given.again(change).state == State.DISPATCHED
        assert given.desired(given.slot_of(change)).release.version == "1.0.0"

    def test_whoever_wrote_the_new_content_cannot_judge_it(self, given):
        change = given.change_in_review(needs=1)
        given.team("payments", members=["ann"])
        given.releasable(version="1.1.0", every_s=7, by="ann")
        edited = given.edited(change, release="1.1.0", by="olga")
        assert given.person("ann").person_id in edited.contributors
        with pytest.raises(NotEligible, match="own work"):
            given.vote(edited, "ann")

    def test_whoever_edits_cannot_judge(self, given):
        given.team("payments", members=["ann"])
        change = given.change_in_review(needs=1)
        edited = given.edited(change, by="ann", reason="Clearer.")
        with pytest.raises(NotEligible):
            given.vote(edited, "ann")

    def test_an_edit_that_nobody_could_approve_any_more_is_refused(self, given):
        given.board(members=["ann", "bob"])
        given.team("payments", members=["ann"])
        change = given.change_in_review(needs=2)
        given.releasable(version="1.1.0", every_s=7, by="ann")
        with pytest.raises(Unsatisfiable):
            given.edited(change, release="1.1.0")
        assert given.again(change).release.version == "1.0.0"

    def test_a_version_that_moved_is_refused(self, given):
        change = given.change_in_review()
        given.edited(change, reason="One.", expected_version=change.version)
        with pytest.raises(VersionMoved):
            given.edited(change, reason="Two.", expected_version=change.version)

    @pytest.mark.parametrize("by", ["ann", "dora"])
    def test_strangers_do_not_edit(self, given, by):
        change = given.change_in_review()
        with pytest.raises(NotAllowed):
            given.edited(change, by=by, reason="Mine.")

    def test_an_expired_request_stays_expired(self, given):
        """Terminal by the clock: no edit brings it back to life, though no sweeper ran."""
        change = given.change_in_review(voted=["ann", "bob"], not_before=given.now + timedelta(days=1))
        assert change.state == State.SCHEDULED
        given.now = change.execute_until
        given.releasable(version="1.1.0", every_s=7)
        with pytest.raises(RequestClosed, match="expired"):
            given.edited(change, release="1.1.0")
        with pytest.raises(RequestClosed, match="expired"):
            change_requests.withdraw(number=change.number, reason="", **given.by("olga"))

    def test_a_rollback_cannot_be_edited_into_something_new(self, given):
        first = given.live_change("1.0.0")
        given.live_change("1.1.0", every_s=7)
        given.releasable(version="1.2.0", every_s=8)
        rollback = given.asked("1.0.0", action="rollback")
        assert [r.needs for r in effective_requirements(rollback)] == [1], "going back asks one person"
        with pytest.raises(InvalidChange):
            given.edited(rollback, release="1.2.0")
        given.vote(rollback, "ann")
        assert given.desired(given.slot_of(rollback)).digest == first.release_digest


class TestWithdraw:
    def test_the_requester_takes_it_back(self, given):
        change = given.change_in_review(voted=["ann"])
        change_requests.withdraw(number=change.number, reason="Not needed.", **given.by("olga"))
        assert given.again(change).state == State.WITHDRAWN
        assert given.events(change)[-1] == "governance.change.withdrawn"
        with pytest.raises(RequestClosed):
            given.vote(change, "bob")
        with pytest.raises(RequestClosed):
            change_requests.withdraw(number=change.number, reason="", **given.by("olga"))

    def test_a_judge_does_not(self, given):
        change = given.change_in_review()
        with pytest.raises(NotAllowed):
            change_requests.withdraw(number=change.number, reason="", **given.by("ann"))

    def test_not_once_it_was_sent(self, given):
        change = given.change_in_review(needs=1, voted=["ann"])
        with pytest.raises(RequestClosed, match="dispatched"):
            change_requests.withdraw(number=change.number, reason="", **given.by("olga"))

    def test_judges_no_longer_see_a_restricted_integration(self, given):
        given.agent()
        given.policy()
        given.releasable()
        subject = given.integration("orders-to-erp")
        type(subject).objects.filter(pk=subject.pk).update(visibility="restricted")
        change = given.asked()
        assert selectors.get_visible(change.number, given.viewer("ann")) == change
        change_requests.withdraw(number=change.number, reason="", **given.by("olga"))
        with pytest.raises(ChangeMissing):
            selectors.get_visible(change.number, given.viewer("ann"))


class TestTime:
    @pytest.mark.parametrize("how", ["vote", "dispatch"])
    def test_for_every_instant_from_expiry_nothing_is_sent(self, given, how):
        """G12."""
        given.environment("production", dispatches_automatically=False)
        change = given.change_in_review(needs=1, voted=["ann"])
        assert change.state == State.APPROVED
        for wait in (timedelta(), timedelta(days=400)):
            given.now = change.execute_until + wait
            with pytest.raises(RequestClosed, match="expired"):
                given.vote(change, "bob") if how == "vote" else dispatching.dispatch(number=change.number, **given.by("olga"))
        assert not Deployment.objects.exists()
        assert selectors.effective_state(change, given.now) is State.EXPIRED

    def test_a_window_opens_by_itself(self, given):
        opens = given.now + timedelta(hours=2)
        change = given.change_in_review(needs=1, voted=["ann"], not_before=opens, not_after=opens + timedelta(hours=1))
        assert (change.state, change.next_check_at) == (State.SCHEDULED, opens)
        assert given.facts(change, "governance.change.scheduled")["scheduled_for"].startswith("2026-11-23T14:00:00")
        given.now = opens - timedelta(seconds=1)
        assert given.reviewed(change).state == State.SCHEDULED
        with pytest.raises(NotReady):
            dispatching.dispatch(number=change.number, **given.by("olga"))
        given.now = opens
        assert review.review_due(now=given.now, actor=WORKER) == 1
        assert given.again(change).state == State.DISPATCHED

    def test_a_window_that_closed_is_missed(self, given):
        opens = given.now + timedelta(hours=2)
        change = given.change_in_review(needs=1, voted=["ann"], not_before=opens, not_after=opens + timedelta(hours=1))
        given.now = opens + timedelta(hours=1)
        assert given.reviewed(change).state == State.EXPIRED
        assert not Deployment.objects.exists()

    def test_one_request_that_cannot_be_judged_does_not_hold_up_the_others(self, given, monkeypatch):
        change = given.change_in_review(needs=1, checks=["owned"])
        other = given.asked(integration=given.releasable("other").integration.slug)
        plain = review.run_checks

        def fails_on_the_first(row, **how):
            if row.pk == change.pk:
                raise RuntimeError("broken adapter")
            plain(row, **how)

        monkeypatch.setattr(review, "run_checks", fails_on_the_first)
        assert review.review_due(now=given.now, actor=WORKER) == 2
        assert "governance.check.recorded" in given.events(other)
        assert given.again(change).next_check_at > given.now


class TestMoved:
    def test_another_change_that_landed_first_voids_the_votes(self, given):
        change = given.change_in_review(needs=2, voted=["ann"])
        given.later(minutes=1)
        given.releasable(version="0.9.0", every_s=8)
        other = given.asked("0.9.0")
        given.vote(other, "bob")
        given.vote(other, "cid")
        ended = given.reviewed(change)
        assert ended.state == State.SUPERSEDED, "the newer request went first: the older one is history"

    def test_an_older_change_that_landed_voids_the_votes_on_the_newer(self, given):
        older = given.change_in_review(needs=2, voted=["ann"])
        given.later(minutes=1)
        given.releasable(version="1.1.0", every_s=7)
        newer = given.asked("1.1.0")
        given.vote(newer, "bob")
        given.vote(older, "cid")
        with pytest.raises(Exception, match="compared anew"):
            given.vote(newer, "ann")
        rebased = given.reviewed(newer)
        assert (rebased.state, rebased.revision) == (State.OPEN, 2)
        assert rebased.subject_digest != newer.subject_digest
        assert rebased.targets.get().base_release.version == "1.0.0"
        given.vote(rebased, "ann")
        assert given.again(newer).state == State.OPEN
        given.vote(rebased, "bob")
        assert given.again(newer).state == State.DISPATCHED

    def test_a_runtime_set_up_anew_is_another_change(self, given):
        """T9: what was approved for one address is not sent to another."""
        change = given.change_in_review(needs=2, voted=["ann"])
        runtime = change.targets.get().slot.runtime
        type(runtime).objects.filter(pk=runtime.pk).update(config={"elsewhere": True})
        with pytest.raises(Exception, match="compared anew"):
            given.vote(change, "bob")
        assert not Deployment.objects.exists()

    def test_a_slot_that_moved_under_an_approved_request_holds_it_back(self, given):
        given.environment("production", dispatches_automatically=False)
        change = given.change_in_review(needs=1, voted=["ann"])
        slot = given.slot_of(change)
        given.later(minutes=1)
        given.desire(slot, given.releasable(version="0.5.0", every_s=5))
        with pytest.raises(NotReady, match="changed meanwhile"):
            dispatching.dispatch(number=change.number, **given.by("olga"))
        assert given.again(change).state == State.APPROVED

    def test_by_hand_where_the_environment_does_not_send_by_itself(self, given):
        given.environment("production", dispatches_automatically=False)
        change = given.change_in_review(needs=1, voted=["ann"])
        with pytest.raises(NotAllowed):
            dispatching.dispatch(number=change.number, **given.by("ann"))
        assert dispatching.dispatch(number=change.number, **given.by("olga")).state == State.DISPATCHED
        with pytest.raises(RequestClosed):
            dispatching.dispatch(number=change.number, **given.by("olga"))
        assert Deployment.objects.count() == 1


class TestChecks:
    def test_votes_alone_do_not_open_the_gate(self, given):
        change = given.change_in_review(needs=1, checks=["documented"], voted=["ann"])
        assert change.state == State.OPEN
        assert given.reviewed(change).state == State.OPEN
        overview = selectors.overview_of(given.again(change), given.viewer("olga"), now=given.now, redacted=False)
        (blocked,) = [r for r in overview.requirements if r.status != "satisfied"]
        assert "runbook" in blocked.detail
        assert [who.is_person for who in blocked.who_can_unblock] == [False]
        given.documented("orders-to-erp")
        assert given.reviewed(change).state == State.DISPATCHED

    def test_a_check_that_fails_again_revokes_its_pass(self, given):
        change = given.change_in_review(needs=1, checks=["owned"], not_before=given.now + timedelta(hours=1))
        given.reviewed(change)
        given.vote(change, "ann")
        assert given.again(change).state == State.SCHEDULED
        given.empty_team("payments")
        assert given.reviewed(change).state == State.OPEN
        assert "governance.change.reopened" in given.events(change)

    def test_the_same_finding_is_not_written_twice(self, given):
        change = given.change_in_review(checks=["owned"])
        for _ in range(3):
            given.reviewed(change)
        assert given.events(change).count("governance.check.recorded") == 1


def rows():
    """How many rows each table has."""
    with connection.cursor() as cursor:
        counts = {}
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')
            counts[model._meta.db_table] = cursor.fetchone()[0]
    return counts


class TestPreview:
    def test_it_says_what_submitting_would_say_and_writes_nothing(self, given):
        prepared(given, needs=2)
        given.by("olga")
        before = rows()

        def read(change):
            situation = situation_of(change)
            return (
                change.state,
                [r.name for r in situation.requirements],
                sorted(map(str, situation.excluded)),
                change.targets.get().payload_digest,
            )

        with command_context():
            said = preview.evaluate_gate(integration="orders-to-erp", manifest=flow(5), targets=[TARGET], read=read, **given.by("olga"))
            assert first_event_id() is None, "nothing of a preview is an answer's event"
        assert rows() == before
        given.releasable(version="5.0.0", every_s=5)
        assert said == read(given.asked("5.0.0"))

    def test_it_refuses_what_submitting_would_refuse(self, given):
        given.agent()
        given.releasable()
        before = rows()
        with pytest.raises(NoPolicy):
            preview.evaluate_gate(integration="orders-to-erp", manifest=flow(5), targets=[TARGET], read=lambda c: c, **given.by("olga"))
        assert rows() == before


def test_every_history_row_names_an_event_that_exists(given):
    """G9: what simple-history kept and what the log tells are about the same acts."""
    given.change_in_review(needs=1, voted=["ann"])
    given.tightened("default", given.quorum(needs=2))
    known = set(Event.objects.values_list("id", flat=True))
    seen = 0
    for model in apps.get_models(include_auto_created=True):
        if hasattr(model, "event_id") and model._meta.app_label != "audit":
            missing = [row for row in model.objects.values_list("event_id", flat=True) if row not in known]
            assert missing == [], model.__name__
            seen += model.objects.count()
    assert seen > 10


def test_a_runtime_disabled_since_is_no_target(given):
    runtime = given.agent()
    given.policy()
    given.releasable()
    runtimes.update_runtime(slug="agent", changes={"is_enabled": False}, expected_version=runtime.version, **given.by("root"))
    with pytest.raises(InvalidChange):
        given.asked()
