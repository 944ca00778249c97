"""The plan as a rule: what may follow what, and a small world in which workers die and runtimes lie."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime_adapters.contract import Generation, Mode, Observe
from runtime_adapters.domain import drift, gate, health, plan
from runtime_adapters.domain.permission import Interval, Permission, intervals
from runtime_adapters.domain.plan import Act, History, Last, Reach, Situation, next_step
from runtime_adapters.domain.states import SETTLED, DeploymentState, Health, Sync

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
LOOKING = Reach(Mode.PUSH, Observe.CONTENT, idempotent=True)
BLIND = Reach(Mode.PUSH, Observe.NONE)
WANTED = drift.Wanted(Generation(1, 2), A, "hash-a")
THERE = drift.Seen(present=True, digest=A, generation=Generation(1, 2), content_hash="hash-a")
NOTHING = drift.Seen(present=False)
ACTING = {Act.APPLY, Act.REMOVE}


def situation(state=DeploymentState.QUEUED, *, reach=LOOKING, permission=None, gate_=None, **history):
    told = History(state=state, give_up_at=NOW + timedelta(hours=24), **history)
    return Situation(WANTED, told, permission or Permission(A), reach, gate=gate_)


@pytest.mark.parametrize(
    ("given_", "seen", "act", "code"),
    [
        (situation(), None, Act.OBSERVE, ""),
        (situation(), NOTHING, Act.APPLY, ""),
        (situation(), THERE, Act.RECORD, "read-back"),
        (situation(), replace(THERE, content_hash="edited"), Act.APPLY, ""),
        (situation(), replace(THERE, generation=Generation(1, 3), digest=B), Act.HALT, "runtime-ahead"),
        (situation(), replace(NOTHING, complete=False), Act.BACK_OFF, "incomplete-look"),
        (situation(DeploymentState.UNKNOWN, last=Last.UNKNOWN), THERE, Act.RECORD, "read-back"),
        (situation(DeploymentState.UNKNOWN, last=Last.UNKNOWN), NOTHING, Act.BACK_OFF, "outcome-unknown"),
        (situation(DeploymentState.UNKNOWN, last=Last.UNKNOWN, next_attempt_at=NOW), NOTHING, Act.APPLY, ""),
        (situation(DeploymentState.APPLYING, last=Last.OPEN), NOTHING, Act.BACK_OFF, "outcome-unknown"),
        (situation(DeploymentState.APPLYING, last=Last.APPLIED), NOTHING, Act.BACK_OFF, "not-there-yet"),
        (situation(DeploymentState.APPLYING, last=Last.ACCEPTED, last_sent_at=NOW), NOTHING, Act.WAIT, "runtime-at-work"),
        (situation(DeploymentState.APPLYING, last=Last.ALREADY_APPLIED), NOTHING, Act.BACK_OFF, "already-applied-but-absent"),
        (situation(DeploymentState.APPLYING, last=Last.ALREADY_APPLIED, key_renewals=3), NOTHING, Act.HALT, "already-applied-but-absent"),
        (situation(next_attempt_at=NOW + timedelta(seconds=1)), None, Act.WAIT, "backing-off"),
        (situation(permission=Permission(A, revoked=True)), NOTHING, Act.CANCEL, "authorisation-revoked"),
        (situation(permission=Permission(B)), NOTHING, Act.CANCEL, "authorisation-for-other-digest"),
        (situation(permission=Permission(A, not_after=NOW)), NOTHING, Act.CANCEL, "authorisation-expired"),
        (situation(permission=Permission(A, closed=(Interval(NOW, None),))), NOTHING, Act.WAIT, "window-closed"),
        (situation(reach=BLIND), None, Act.APPLY, ""),
        (situation(DeploymentState.APPLYING, reach=BLIND, last=Last.APPLIED), None, Act.RECORD, "cannot-be-read-back"),
        (situation(DeploymentState.UNKNOWN, reach=BLIND, last=Last.UNKNOWN, next_attempt_at=NOW), None, Act.BACK_OFF, "outcome-unknown"),
        (situation(DeploymentState.APPLIED), None, Act.SUCCEED, "no-gate"),
        (situation(DeploymentState.SUCCEEDED), None, Act.OBSERVE, ""),
        (situation(DeploymentState.SUCCEEDED), NOTHING, Act.REST, ""),
    ],
)
def test_next_step(given_, seen, act, code):
    step = next_step(given_, seen, NOW)
    assert (step.act, step.code) == (act, code)


times = st.one_of(st.none(), st.integers(-100, 100).map(lambda s: NOW + timedelta(seconds=s)))
seens = st.one_of(
    st.none(),
    st.builds(
        drift.Seen,
        present=st.booleans(),
        digest=st.sampled_from([None, A, B]),
        generation=st.sampled_from([None, Generation(1, 1), Generation(1, 2), Generation(1, 3), Generation(2, 1)]),
        content_hash=st.sampled_from([None, "hash-a", "other"]),
        complete=st.booleans(),
    ),
)
situations = st.builds(
    Situation,
    wanted=st.sampled_from([WANTED, drift.Wanted(Generation(1, 2), "", "")]),
    history=st.builds(
        History,
        state=st.sampled_from(DeploymentState),
        last=st.sampled_from(Last),
        last_sent_at=times,
        key_renewals=st.integers(0, 4),
        accepted=st.booleans(),
        started=st.booleans(),
        next_attempt_at=times,
        give_up_at=times,
    ),
    permission=st.builds(
        Permission,
        digest=st.sampled_from([A, B, ""]),
        not_after=times,
        revoked=st.booleans(),
        closed=st.lists(st.builds(Interval, start=times.filter(bool), end=times), max_size=2).map(tuple),
    ),
    reach=st.builds(
        Reach, mode=st.sampled_from(Mode), observe=st.sampled_from(Observe), idempotent=st.booleans(), tells_started=st.booleans()
    ),
    quarantined=st.sampled_from([frozenset(), frozenset({A})]),
    paused_until=times,
)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(situations, seens)
def test_what_no_situation_may_lead_to(given_, seen):
    """D1, D2, D6, D9, D14 and the authorisation, for any situation and look."""
    step = next_step(given_, seen, NOW)
    history, wanted = given_.history, given_.wanted
    if step.act in ACTING:
        assert given_.permission.refusal(wanted.digest, NOW) is None
        assert wanted.digest not in given_.quarantined
        assert given_.reach.mode is Mode.PUSH
        assert history.state not in SETTLED
        assert (step.act is Act.APPLY) == bool(wanted.digest)
        assert not (history.next_attempt_at and history.next_attempt_at > NOW)
        assert not (history.give_up_at and history.give_up_at <= NOW)
        if given_.reach.can_look:
            assert seen is not None
            assert seen.complete
            assert not (seen.generation and seen.generation > wanted.generation)
        elif history.last in {Last.OPEN, Last.UNKNOWN}:
            assert given_.reach.idempotent
    if step.act is Act.RECORD and given_.reach.can_look:
        assert drift.agrees(wanted, seen)
    if step.act is Act.SUCCEED:
        assert history.state in {DeploymentState.APPLIED, DeploymentState.VERIFYING}
    if history.state in SETTLED:
        assert step.act in {Act.OBSERVE, Act.REST}
    if step.act is Act.HALT:
        assert step.code
    if seen is not None:
        assert step.act is not Act.OBSERVE


class Runtime:
    """A runtime that may drop answers, lie or be away; effects are counted per key."""

    def __init__(self):
        self.held, self.effects = None, {}

    def apply(self, key, generation, fault):
        if fault == "refused":
            return Last.NOT_SENT
        if fault == "lost-before":
            return Last.UNKNOWN
        if fault == "ignored":
            return Last.APPLIED
        if key not in self.effects:
            self.held = generation
        self.effects[key] = self.effects.get(key, 0) + (0 if key in self.effects else 1)
        return {"lost-after": Last.UNKNOWN, "killed": Last.OPEN}.get(fault, Last.APPLIED)

    def look(self):
        if self.held is None:
            return NOTHING
        return drift.Seen(present=True, digest=A, generation=self.held, content_hash="hash-a")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(["ok", "refused", "lost-before", "lost-after", "ignored", "killed"]), max_size=12))
def test_once_faults_stop_the_runtime_holds_what_is_desired_by_one_effect(faults):
    """D3 and D6: any schedule of faults, then quiet."""
    runtime, queue, now = Runtime(), list(faults), NOW
    history = History(DeploymentState.QUEUED, give_up_at=NOW + timedelta(days=9))
    for _ in range(80):
        given_ = Situation(WANTED, history, Permission(A), LOOKING)
        step = next_step(given_, None, now)
        if step.act is Act.OBSERVE:
            step = next_step(given_, runtime.look(), now)
        if step.act is Act.APPLY:
            last = runtime.apply("key", WANTED.generation, queue.pop(0) if queue else "ok")
            later = now + timedelta(seconds=2) if last is Last.NOT_SENT else None
            history = replace(history, state=DeploymentState.APPLYING, last=last, last_sent_at=now, next_attempt_at=later)
        elif step.act is Act.BACK_OFF:
            history = replace(history, state=DeploymentState.RETRY_WAIT, next_attempt_at=now + timedelta(seconds=2))
        elif step.act is Act.RECORD:
            break
        else:
            assert step.act is Act.WAIT
            now = step.until
    assert runtime.held == WANTED.generation
    assert runtime.effects == {"key": 1}


def test_an_unreadable_freeze_closes():
    assert Permission(A, closed=intervals(["soon"])).refusal(A, NOW).code == "window-closed"
    assert Permission(A, closed=intervals([["2026-11-23T11:00:00Z", None]])).refusal(A, NOW).code == "window-closed"
    assert Permission(A, closed=intervals([{"start": "2026-11-23T10:00:00Z", "end": "2026-11-23T12:00:00Z"}])).refusal(A, NOW) is None


@pytest.mark.parametrize(
    ("asked", "after_s", "verdict", "code"),
    [
        ({"soak_s": 0}, 0, gate.Verdict.PASSED, "no-gate"),
        ({"good": 5}, 5, gate.Verdict.WAITING, "soaking"),
        ({"good": 1}, 10, gate.Verdict.PASSED, "gate-passed"),
        ({"good": 9, "failed": 1}, 1, gate.Verdict.FAILED, "failed-runs"),
        ({"good": 9, "failed": 1, "failed_allowed": 1}, 10, gate.Verdict.PASSED, "gate-passed"),
        ({}, 1000, gate.Verdict.WAITING, "awaiting-good-runs"),
        ({"expected_every_s": 5}, 14, gate.Verdict.WAITING, "awaiting-good-runs"),
        ({"expected_every_s": 5}, 15, gate.Verdict.FAILED, "too-few-good-runs"),
    ],
)
def test_gate(asked, after_s, verdict, code):
    made = gate.Gate(**{"recorded_at": NOW, "soak_s": 10, "good_needed": 1, "failed_allowed": 0, **asked})
    judged = gate.judge(made, NOW + timedelta(seconds=after_s))
    assert (judged.verdict, judged.code) == (verdict, code)


def reading(minute, good=1, bad=0):
    return health.Reading(f"k{minute}", NOW + timedelta(minutes=minute), good, bad)


@pytest.mark.parametrize(
    ("readings", "expected", "at", "state"),
    [
        ([], None, 0, Health.UNKNOWN),
        ([], health.Expected(60, 30), 1, Health.UNKNOWN),
        ([], health.Expected(60, 30), 2, Health.SILENT),
        ([reading(0)], health.Expected(60, 30), 1, Health.HEALTHY),
        ([reading(0)], health.Expected(60, 30), 2, Health.SILENT),
        ([reading(0), reading(2, good=0)], health.Expected(60, 30), 2, Health.LATE),
        ([reading(0)], None, 59, Health.HEALTHY),
        ([reading(0)], None, 60, Health.UNKNOWN),
        ([reading(0, 0, 1)], None, 1, Health.FAILING),
        ([reading(0), reading(1, 0, 1)], None, 1, Health.DEGRADED),
        ([reading(0), reading(1, 0, 1), reading(2), reading(3, 0, 1), reading(4)], None, 5, Health.DEGRADED),
        ([reading(0, 0, 1), reading(1), reading(2), reading(3)], None, 5, Health.HEALTHY),
        ([reading(0), reading(1, 0, 1), reading(2, 0, 1), reading(3, 0, 1)], None, 5, Health.FAILING),
    ],
)
def test_health(readings, expected, at, state):
    concluded = health.conclude(readings, expected=expected, since=NOW, is_live=True, now=NOW + timedelta(minutes=at))
    assert concluded.state is state


@given(st.lists(st.builds(reading, st.integers(0, 30), st.integers(0, 2), st.integers(0, 2)), max_size=12), st.randoms(), st.booleans())
def test_health_does_not_depend_on_the_order_or_number_of_deliveries(readings, random, is_live):
    once = {one.key: one for one in readings}.values()
    many = list(once) * 3
    random.shuffle(many)
    told = {"expected": health.Expected(60, 30), "since": NOW, "is_live": is_live, "now": NOW + timedelta(minutes=31)}
    assert health.conclude(once, **told) == health.conclude(many, **told)


@given(st.lists(st.sampled_from([Sync.IN_SYNC, Sync.DRIFTED, Sync.MISSING, Sync.UNKNOWN]), max_size=20))
def test_drift_is_never_told_on_one_look(looks):
    told, streak = Sync.UNKNOWN, 0
    differing = 0
    for seen in looks:
        look = drift.fold(told, streak, seen)
        differing = differing + 1 if seen in {Sync.DRIFTED, Sync.MISSING} else 0
        if look.changed and look.reported in {Sync.DRIFTED, Sync.MISSING}:
            assert differing >= drift.LOOKS_NEEDED
        told, streak = look.reported, look.looks


def test_plan_knows_every_last_word():
    assert plan.TOLD < plan.UNSETTLED < set(Last)


@pytest.mark.parametrize(("soaked_h", "act", "code"), [(30, Act.WAIT, "soaking"), (48, Act.HALT, "no-evidence")])
def test_a_soak_longer_than_the_time_for_sending_is_waited_for(soaked_h, act, code):
    """Two days of soak, one day to send: the deployment halts only when the soak is over and nothing ever ran."""
    recorded = NOW - timedelta(hours=soaked_h)
    soaking = gate.Gate(recorded, soak_s=48 * 3600, good_needed=1, failed_allowed=0)
    late = situation(DeploymentState.VERIFYING, gate_=soaking)
    late = replace(late, history=replace(late.history, give_up_at=recorded + timedelta(hours=24)))
    step = next_step(late, None, NOW)
    assert (step.act, step.code) == (act, code)
