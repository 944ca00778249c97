"""What one change request should do, call by call: the pure rules applied in the order in which the calls got the row."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from governance.domain.ballots import Ballot, Choice, latest_on
from governance.domain.evaluation import Situation, Verdict, evaluate
from governance.domain.expiry import has_expired
from governance.domain.lifecycle import UNDISPATCHED, VOTABLE, Event, State, advance
from governance.domain.requirements import Quorum

REVIEW, EXECUTION = timedelta(days=14), timedelta(days=7)
OK = "ok"


@dataclass
class Model:
    """A request under one quorum. `automatic`: the environment sends by itself. Each method returns what the call must answer."""

    digest: str
    quorum: Quorum
    members: dict[str, frozenset[UUID]]
    excluded: frozenset[UUID]
    automatic: bool
    review_until: datetime
    state: State = State.OPEN
    revision: int = 1
    execute_until: datetime | None = None
    ballots: list[Ballot] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    sent: list[tuple[str, frozenset[UUID]]] = field(default_factory=list)

    def vote(self, *, person: UUID, choice: Choice, shown: str, reason: str, now: datetime) -> str:
        if self.seen(now) not in VOTABLE:
            return "request-closed"
        if shown != self.digest:
            return "content-moved"
        if person in self.excluded or person not in self.members["change-board"]:
            return "not-eligible"
        mine = [n for n, ballot in enumerate(self.ballots) if (ballot.person, ballot.digest) == (person, shown)]
        latest = self.ballots[mine[-1]].choice if mine else None
        if latest is choice and self.reasons[mine[-1]] == reason:
            return OK
        if choice is Choice.RETRACT and latest in {None, Choice.RETRACT}:
            return "nothing-to-retract"
        self.ballots.append(Ballot(person, choice, shown, len(self.ballots) + 1))
        self.reasons.append(reason)
        self.settle(now)
        return OK

    def edit(self, *, digest: str, now: datetime) -> str:
        if self.seen(now) not in UNDISPATCHED:
            return "request-closed"
        if digest == self.digest and self.state is not State.DRAFT:
            return OK
        self.review_until = now + REVIEW if self.state is State.DRAFT else self.review_until
        self.state = advance(self.state, Event.SUBMIT if self.state is State.DRAFT else Event.CONTENT_MOVED)
        self.digest, self.revision, self.execute_until = digest, self.revision + 1, None
        return OK

    def withdraw(self, *, now: datetime) -> str:
        if self.seen(now) not in UNDISPATCHED:
            return "request-closed"
        self.state = advance(self.state, Event.WITHDRAW)
        return OK

    def review(self, *, now: datetime) -> str:
        if self.seen(now) is State.EXPIRED and self.state in VOTABLE:
            self.state = advance(self.state, Event.EXPIRE)
        elif self.state in VOTABLE:
            self.settle(now)
        return OK

    def dispatch(self, *, now: datetime) -> str:
        if self.state not in {State.APPROVED, State.SCHEDULED} or self.seen(now) is State.EXPIRED:
            return "request-closed"
        if self.evaluation(now).verdict is not Verdict.READY:
            return "not-ready"
        self.send(now)
        return OK

    def seen(self, now: datetime) -> State:
        past = has_expired(self.state, review_until=self.review_until, execute_until=self.execute_until, not_after=None, now=now)
        return State.EXPIRED if past else self.state

    def evaluation(self, now: datetime):
        return evaluate(Situation(self.digest, [self.quorum], self.ballots, self.members, self.excluded), now=now)

    def settle(self, now: datetime) -> None:
        verdict = self.evaluation(now).verdict
        if verdict is Verdict.VETOED:
            self.state = advance(self.state, Event.VETOED)
        elif verdict is Verdict.RETURNED:
            self.state = advance(self.state, Event.RETURNED)
        elif verdict is Verdict.READY:
            if self.state is State.OPEN:
                self.state, self.execute_until = advance(self.state, Event.READY), now + EXECUTION
            if self.automatic:
                self.send(now)
        elif self.state is not State.OPEN:
            self.state, self.execute_until = advance(self.state, Event.VERDICT_FELL), None

    def send(self, now: datetime) -> None:
        self.state = advance(self.state, Event.DISPATCH)
        (status,) = self.evaluation(now).statuses
        self.sent.append((self.digest, status.counted))

    def approving(self, digest: str) -> set[UUID]:
        return {person for person, ballot in latest_on(self.ballots, digest=digest).items() if ballot.choice is Choice.APPROVE}
