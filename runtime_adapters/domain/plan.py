"""What to do next with a slot: one pure function. Reads no clock, sends nothing.

From an unclear outcome only a look decides (UNKNOWN is never failure). A 2xx is the runtime's word, not proof: a generation
counts as recorded when it was read back, or where the adapter declares that it cannot be read back.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from runtime_adapters.contract import Mode, Observe
from runtime_adapters.domain.drift import Seen, Wanted, agrees
from runtime_adapters.domain.gate import Gate, Verdict, judge
from runtime_adapters.domain.permission import Permission
from runtime_adapters.domain.states import SETTLED, DeploymentState

MAX_KEY_RENEWALS = 3
ASYNC_PATIENCE = timedelta(minutes=2)
LOOK_AGAIN = timedelta(seconds=5)


class Act(StrEnum):
    OBSERVE = "observe"  # look, then ask again with what was seen
    APPLY = "apply"  # send; the key is the same for every try of one (slot, generation, digest, apply epoch)
    REMOVE = "remove"
    BACK_OFF = "back_off"  # write a later time on the row
    WAIT = "wait"  # nothing to do before `until` (None: until something happens)
    RECORD = "record"  # read back, or told so by a runtime that cannot be read
    SUCCEED = "succeed"
    UNHEALTHY = "unhealthy"
    HALT = "halt"
    CANCEL = "cancel"
    REST = "rest"  # settled; only drift is watched


class Last(StrEnum):
    """How the newest send of this generation ended."""

    NONE = "none"
    OPEN = "open"  # begun, and nobody wrote its end: the worker died
    UNKNOWN = "unknown"
    APPLIED = "applied"
    ALREADY_APPLIED = "already_applied"
    ACCEPTED = "accepted"
    NOT_SENT = "not_sent"


TOLD = frozenset({Last.APPLIED, Last.ALREADY_APPLIED, Last.ACCEPTED})
UNSETTLED = TOLD | {Last.OPEN, Last.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Step:
    """The decision. `renew_key`: the runtime insists it has the key but does not hold the content."""

    act: Act
    code: str = ""
    until: datetime | None = None
    renew_key: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """What the adapter can do."""

    mode: Mode
    observe: Observe
    idempotent: bool = False
    tells_started: bool = False

    @property
    def can_look(self) -> bool:
        return self.mode is Mode.PUSH and self.observe is not Observe.NONE


@dataclass(frozen=True, slots=True)
class History:
    """Where the newest generation stands. `next_attempt_at` is None right after a send: no pause was written since."""

    state: DeploymentState
    last: Last = Last.NONE
    last_sent_at: datetime | None = None
    key_renewals: int = 0
    accepted: bool = False
    started: bool = False
    next_attempt_at: datetime | None = None
    give_up_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the decision rests on."""

    wanted: Wanted
    history: History
    permission: Permission
    reach: Reach
    quarantined: frozenset[str] = field(default_factory=frozenset)
    gate: Gate | None = None
    paused_until: datetime | None = None


def next_step(situation: Situation, seen: Seen | None, now: datetime) -> Step:
    """Decide. With `seen` None an answer of OBSERVE asks for a look; the same call is then made with what was seen."""
    state = situation.history.state
    if state in SETTLED:
        return _rest(situation, seen, now)
    if state in {DeploymentState.APPLIED, DeploymentState.VERIFYING}:
        return _verify(situation, seen, now)
    if situation.reach.mode is Mode.PULL:
        return _await_agent(situation, now)
    waiting = _not_before(situation, now)
    if waiting is not None:
        return waiting
    if situation.reach.can_look:
        return Step(Act.OBSERVE) if seen is None else _after_look(situation, seen, now)
    return _blind(situation, now)


def _rest(situation: Situation, seen: Seen | None, now: datetime) -> Step:
    if seen is None and situation.reach.can_look and not _is_paused(situation, now):
        return Step(Act.OBSERVE)
    return Step(Act.REST)


def _verify(situation: Situation, seen: Seen | None, now: datetime) -> Step:
    if situation.gate is None:
        return Step(Act.SUCCEED, "no-gate")
    judgement = judge(situation.gate, now)
    if judgement.verdict is Verdict.PASSED:
        return Step(Act.SUCCEED, judgement.code)
    if judgement.verdict is Verdict.FAILED:
        return Step(Act.UNHEALTHY, judgement.code)
    if judgement.until is None and _gave_up(situation, now):  # while the clock alone may decide, a long soak is no failure
        return Step(Act.HALT, "no-evidence")
    wants_look = situation.reach.can_look and situation.reach.tells_started and not situation.history.started
    if wants_look and seen is None and not _is_paused(situation, now):
        return Step(Act.OBSERVE)
    until = judgement.until or situation.history.give_up_at
    if wants_look:
        until = min(until, now + LOOK_AGAIN) if until else now + LOOK_AGAIN
    return Step(Act.WAIT, judgement.code, until)


def _await_agent(situation: Situation, now: datetime) -> Step:
    if _gave_up(situation, now):
        return Step(Act.HALT, "gave-up")
    if situation.history.accepted:
        return Step(Act.WAIT, "awaiting-agent", situation.history.give_up_at)
    return _refused(situation, now) or Step(
        Act.WAIT, "awaiting-agent", _earliest(situation.history.give_up_at, situation.permission.not_after)
    )


def _after_look(situation: Situation, seen: Seen, now: datetime) -> Step:
    wanted, history = situation.wanted, situation.history
    if not seen.complete:
        return Step(Act.HALT, "gave-up") if _gave_up(situation, now) else Step(Act.BACK_OFF, "incomplete-look")
    if agrees(wanted, seen):
        return Step(Act.RECORD, "read-back")
    if seen.generation is not None and seen.generation > wanted.generation:
        return Step(Act.HALT, "runtime-ahead")
    if _gave_up(situation, now):
        return Step(Act.HALT, "gave-up")
    if history.last is Last.ACCEPTED and history.last_sent_at is not None and now < history.last_sent_at + ASYNC_PATIENCE:
        return Step(Act.WAIT, "runtime-at-work", now + LOOK_AGAIN)
    if history.last in UNSETTLED and history.next_attempt_at is None:
        return _mismatch(history)
    return _send(situation, now)


def _mismatch(history: History) -> Step:
    """The send is over, or its worker died, and the content is not there: give the runtime a moment, then try again."""
    if history.last is not Last.ALREADY_APPLIED:
        return Step(Act.BACK_OFF, "not-there-yet" if history.last in TOLD else "outcome-unknown")
    if history.key_renewals >= MAX_KEY_RENEWALS:
        return Step(Act.HALT, "already-applied-but-absent")
    return Step(Act.BACK_OFF, "already-applied-but-absent", renew_key=True)


def _blind(situation: Situation, now: datetime) -> Step:
    """The adapter declares that nothing can be read back: its word is all there is, and an unclear outcome stays unclear."""
    history = situation.history
    if history.last in TOLD:
        return Step(Act.RECORD, "cannot-be-read-back")
    if _gave_up(situation, now):
        return Step(Act.HALT, "gave-up")
    if history.last in {Last.OPEN, Last.UNKNOWN} and not situation.reach.idempotent:
        return Step(Act.BACK_OFF, "outcome-unknown")
    return _send(situation, now)


def _send(situation: Situation, now: datetime) -> Step:
    wanted = situation.wanted
    if wanted.digest and wanted.digest in situation.quarantined:
        return Step(Act.CANCEL, "quarantined")
    return _refused(situation, now) or Step(Act.APPLY if wanted.digest else Act.REMOVE)


def _refused(situation: Situation, now: datetime) -> Step | None:
    refusal = situation.permission.refusal(situation.wanted.digest, now)
    if refusal is None:
        return None
    return Step(Act.CANCEL, refusal.code) if refusal.until is None else Step(Act.WAIT, refusal.code, refusal.until)


def _not_before(situation: Situation, now: datetime) -> Step | None:
    if situation.history.next_attempt_at is not None and now < situation.history.next_attempt_at:
        return Step(Act.WAIT, "backing-off", situation.history.next_attempt_at)
    if _is_paused(situation, now):
        return Step(Act.WAIT, "runtime-paused", situation.paused_until)
    return None


def _is_paused(situation: Situation, now: datetime) -> bool:
    return situation.paused_until is not None and now < situation.paused_until


def _gave_up(situation: Situation, now: datetime) -> bool:
    return situation.history.give_up_at is not None and now >= situation.history.give_up_at


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
