"""Any sequence of commands against the model: what each answers, where the request stands, what was sent (G1 to G5, G8, G12, G14)."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from foundation.errors import DomainError
from governance.domain.ballots import Choice
from governance.domain.lifecycle import TERMINAL, State
from governance.domain.requirements import Quorum
from governance.models import Vote
from governance.selectors.change_requests import effective_state
from governance.services import boards, change_requests, dispatching, review, votes
from runtime_adapters.models import Deployment
from tests.given.governance import WORKER
from tests.races.model import OK, Model

JUDGES = ("ann", "bob", "cid", "dee")
BOARD = "change-board"
REASONED = "Because."


@dataclass
class Ruled(Model):
    """The model with rules and members that change under the request. `asked`: what the policy asks today."""

    asked: int = 2
    snapshot: int = 2

    def effective(self) -> None:
        self.quorum = replace(self.quorum, needs=max(self.snapshot, self.asked))

    def edit(self, *, digest, now) -> str:
        before = replace(self)
        if self.state is State.DRAFT:
            self.snapshot = self.asked
            self.effective()
        answer = super().edit(digest=digest, now=now)
        moved = answer == OK and self.revision != before.revision
        if moved and len(self.members[BOARD] - self.excluded) < self.quorum.needs:
            self.__dict__.update(before.__dict__)
            return "unsatisfiable"
        if answer != OK:
            self.__dict__.update(before.__dict__)
        return answer


class Requests(RuleBasedStateMachine):
    """One request; `world` is set by the test. Every command is made of the services and of the model."""

    world = None

    def __init__(self):
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        given, self.versions = self.world
        self.given, self.now = given, given.now
        self.change = given.asked("1.0.0")
        digest = self.change.subject_digest
        self.digests = {"1.0.0": digest, "1.1.0": given.edited(self.change, release="1.1.0").subject_digest}
        self.change = given.edited(self.change, release="1.0.0")
        self.people = {name: given.person(name) for name in (*JUDGES, "olga")}
        self.by = {name: given.by(name) for name in (*JUDGES, "olga", "root")}
        self.model = Ruled(
            digest=digest,
            quorum=Quorum("board", 2, (BOARD,)),
            members={BOARD: frozenset(self.people[name].person_id for name in JUDGES)},
            excluded=frozenset({self.people["olga"].person_id}),
            automatic=self.versions["automatic"],
            review_until=self.change.review_until,
            revision=self.change.revision,
        )
        self.ended = None

    def teardown(self):
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def both(self, expected, command, **inputs):
        try:
            command(**inputs)
            answer = OK
        except DomainError as refusal:
            answer = refusal.code
        assert answer == expected, f"the rules say {expected}, the service {answer}"

    def acting(self, name):
        return {**self.by[name], "now": self.now}

    @rule(
        who=st.sampled_from((*JUDGES, *JUDGES, "olga")),
        choice=st.sampled_from([Choice.APPROVE] * 4 + list(Choice)),
        version=st.sampled_from(["1.0.0", "1.0.0", "1.1.0"]),
    )
    def vote(self, who, choice, version):
        said = {"choice": choice, "shown": self.digests[version], "reason": REASONED}
        expected = self.model.vote(person=self.people[who].person_id, now=self.now, **said)
        self.both(expected, votes.cast_vote, number=self.change.number, **said, **self.acting(who))

    @rule(several=st.permutations(JUDGES), how_many=st.integers(1, 4))
    def approve_what_is_shown(self, several, how_many):
        for who in several[:how_many]:
            self.approve(who)

    def approve(self, who):
        said = {"choice": Choice.APPROVE, "shown": self.model.digest, "reason": REASONED}
        expected = self.model.vote(person=self.people[who].person_id, now=self.now, **said)
        self.both(expected, votes.cast_vote, number=self.change.number, **said, **self.acting(who))

    @rule(version=st.sampled_from(["1.0.0", "1.1.0"]))
    def edit(self, version):
        expected = self.model.edit(digest=self.digests[version], now=self.now)
        edit = {"changes": {"release": version}, "expected_version": None}
        self.both(expected, change_requests.edit, number=self.change.number, **edit, **self.acting("olga"))

    @rule()
    def look_again(self):
        self.both(self.model.review(now=self.now), review.review, number=self.change.number, actor=WORKER, now=self.now)

    @rule()
    def send(self):
        self.both(self.model.dispatch(now=self.now), dispatching.dispatch, number=self.change.number, **self.acting("olga"))

    @precondition(lambda self: self.model.revision > 4)
    @rule()
    def withdraw(self):
        expected = self.model.withdraw(now=self.now)
        self.both(expected, change_requests.withdraw, number=self.change.number, reason="", **self.acting("olga"))

    @rule(hours=st.sampled_from([1, 24, 24 * 6]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule(short_of=st.sampled_from([timedelta(), timedelta(microseconds=1)]))
    def time_runs_out(self, short_of):
        """To the very instant of expiry, or the last one before it."""
        limit = self.model.review_until if self.model.state is State.OPEN else self.model.execute_until
        self.now = max(self.now, (limit or self.now) - short_of)

    @rule(who=st.sampled_from(JUDGES))
    def somebody_leaves_or_returns(self, who):
        person, seated = self.people[who], self.model.members[BOARD]
        command = boards.remove_member if person.person_id in seated else boards.add_member
        command(board=self.given.board(), user=person, **self.acting("root"))
        self.model.members[BOARD] = seated ^ {person.person_id}

    @rule(needs=st.sampled_from([3, 3, 2, 1]))
    def the_policy_asks(self, needs):
        self.given.tightened("default", self.given.quorum(needs=needs))
        self.model.asked = needs
        self.model.effective()

    @invariant()
    def the_rows_agree(self):
        row, model = self.given.again(self.change), self.model
        assert (row.state, row.revision, row.subject_digest) == (model.state, model.revision, model.digest)
        assert effective_state(row, self.now) is model.seen(self.now)
        assert Vote.objects.filter(change=row).count() == len(model.ballots)

    @invariant()
    def sent_once_and_only_what_was_approved(self):
        sent = Deployment.objects.filter(change_id=self.change.id)
        assert sent.count() == len(self.model.sent) <= 1
        for digest, approvers in self.model.sent:
            assert len(approvers) >= self.model.snapshot
            assert approvers <= self.model.approving(digest)
            assert not approvers & self.model.excluded

    @invariant()
    def the_end_is_the_end(self):
        if self.ended is not None:
            assert self.model.state is self.ended
        self.ended = self.model.state if self.model.state in TERMINAL else None


@pytest.mark.parametrize("automatic", [True, False], ids=["sends by itself", "sent by hand"])
def test_any_sequence_of_commands(given, automatic):
    given.board(members=JUDGES)
    given.agent()
    given.policy("default", given.quorum(needs=2))
    type(given.environment("production")).objects.update(dispatches_automatically=automatic)
    given.releasable(version="1.0.0", every_s=3)
    given.releasable(version="1.1.0", every_s=7)
    machine = type("Requests", (Requests,), {"world": (given, {"automatic": automatic})})
    steps = settings(
        max_examples=20, stateful_step_count=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=steps)
