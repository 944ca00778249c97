"""Hundreds of votes, edits, withdrawals, expiries and dispatches at once on one change request.

The row lock gives the calls an order, which the test writes down while the lock is held. Replayed in that order
through the pure rules, every call must have answered what the rules say, and the request must stand where they end.
"""

import itertools
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from accounts.models import User
from audit.models import Event
from foundation.clock import db_now
from foundation.errors import DomainError
from governance.domain.ballots import Choice
from governance.domain.lifecycle import State
from governance.domain.requirements import Quorum
from governance.models import Vote
from governance.services import change_requests, dispatching, review, transitions, votes
from runtime_adapters.models import Deployment, DesiredState
from tests.given.governance import WORKER
from tests.races.model import OK, Model

THREADS = 12
BUDGET_S = 30
JUDGES = ("ann", "bob", "cid", "dee", "eve", "fay")
CHOICES = [Choice.APPROVE] * 12 + [Choice.RETRACT] * 3 + [Choice.ABSTAIN] * 2

# How the rounds differ: seats, judges who vote at all, whether the environment sends by itself, calls, and how many of each
# hundred calls are what.
ROUNDS = {
    "one long fight": {"needs": 6, "automatic": True, "calls": 300, "edit": 25, "review": 5},
    "last vote against last vote": {"needs": 3, "automatic": True, "calls": 60},
    "vote against withdrawal": {"needs": 3, "automatic": True, "calls": 48, "withdraw": 4},
    "vote against edit": {"needs": 4, "automatic": True, "calls": 96, "edit": 30},
    "vote against expiry": {"needs": 4, "automatic": True, "calls": 60, "expire": 5},
    "dispatch against withdrawal, edit and retraction": {
        "needs": 2,
        "automatic": False,
        "calls": 96,
        "edit": 8,
        "dispatch": 12,
        "withdraw": 1,
    },
    "objections": {"needs": 4, "automatic": True, "calls": 72, "object": 3, "edit": 15, "review": 5},
    "everything": {
        "needs": 3,
        "automatic": False,
        "calls": 96,
        "edit": 15,
        "dispatch": 6,
        "withdraw": 1,
        "expire": 1,
        "object": 1,
        "review": 6,
    },
    "withdrawal against expiry, one judge away": {
        "needs": 6,
        "judges": 5,
        "automatic": True,
        "calls": 48,
        "edit": 10,
        "expire": 12,
        "withdraw": 12,
    },
}


@dataclass
class Call:
    """One call, what it answered, and its place in the order of those who held the row (None: it never got that far)."""

    name: str
    inputs: dict[str, Any]
    ticket: int | None = None
    answer: str = ""


@dataclass
class World:
    """One request with two contents to edit between, and everybody's credentials made beforehand."""

    number: int
    change: Any
    digests: dict[str, str]
    persons: dict[str, Any]
    by: dict[str, dict[str, Any]]
    calls: list[Call] = field(default_factory=list)


@pytest.fixture
def tickets(monkeypatch):
    """Whoever holds the row's lock takes the next ticket; nobody else can hold it until that transaction has ended."""
    mine, counter = threading.local(), itertools.count()

    def witnessed(number):
        change = transitions.locked(number)
        mine.ticket = next(counter)
        return change

    for module in (votes, change_requests, dispatching, review):
        monkeypatch.setattr(module, "locked", witnessed)
    return mine


@pytest.fixture
def arena(transactional_db, given):
    """Six judges, an owner, and one integration whose releases differ."""
    given.now = db_now()
    given.board(members=JUDGES)
    given.agent()
    given.policy("default", given.quorum(needs=6))
    given.releasable(version="1.0.0", every_s=3)
    given.releasable(version="1.1.0", every_s=7)
    return given


def prepared(given, name, kind) -> World:
    """A fresh request of an integration of its own, so that rounds do not meet."""
    given.now = db_now()
    given.tightened("default", given.quorum(needs=kind["needs"]))
    type(given.environment("production")).objects.update(dispatches_automatically=kind["automatic"])
    slug = f"race-{name}"
    given.releasable(slug, version="1.0.0", every_s=3)
    given.releasable(slug, version="1.1.0", every_s=7)
    change = given.asked("1.0.0", integration=slug)
    digests = {"1.0.0": change.subject_digest, "1.1.0": given.edited(change, release="1.1.0").subject_digest}
    change = given.edited(change, release="1.0.0")
    assert change.subject_digest == digests["1.0.0"]
    persons = {user.username: user.person_id for user in User.objects.filter(username__in=(*JUDGES, "olga"))}
    return World(change.number, change, digests, persons, {name: given.by(name) for name in (*JUDGES, "olga")})


def planned(world: World, kind: dict[str, Any], rng: random.Random) -> list[Call]:
    """Calls in a random mix; times are what each caller's clock says."""
    names = [name for name in ("edit", "withdraw", "expire", "review", "dispatch", "object") for _ in range(kind.get(name, 0))]
    names += ["vote"] * (100 - len(names))
    judges = JUDGES[: kind.get("judges")]
    return [_planned(rng.choice(names), world, judges, rng) for _ in range(kind["calls"])]


def _planned(name: str, world: World, judges: Sequence[str], rng: random.Random) -> Call:
    if name in {"vote", "object"}:
        who = rng.choice(judges) if rng.random() < 0.97 else "olga"
        shown = world.digests["1.0.0" if rng.random() < 0.75 else "1.1.0"]
        choice = rng.choice(CHOICES) if name == "vote" else rng.choice([Choice.REJECT, Choice.REQUEST_CHANGES])
        return Call("vote", {"who": who, "choice": choice, "shown": shown, "reason": rng.choice(["Seen.", "Read twice."])})
    if name == "edit":
        return Call("edit", {"release": "1.0.0" if rng.random() < 0.7 else "1.1.0"})
    return Call(name, {})


def perform(call: Call, world: World) -> None:
    """Make the call as the edge would: the database's clock is read first."""
    now = db_now() + (timedelta(days=30) if call.name == "expire" else timedelta())
    call.inputs["now"] = now
    olga = {**world.by["olga"], "now": now}
    if call.name == "vote":
        asked = {name: call.inputs[name] for name in ("choice", "shown", "reason")}
        votes.cast_vote(number=world.number, **asked, **{**world.by[call.inputs["who"]], "now": now})
    elif call.name == "edit":
        change_requests.edit(number=world.number, changes={"release": call.inputs["release"]}, expected_version=None, **olga)
    elif call.name == "withdraw":
        change_requests.withdraw(number=world.number, reason="", **olga)
    elif call.name == "dispatch":
        dispatching.dispatch(number=world.number, **olga)
    else:
        review.review(number=world.number, actor=WORKER, now=now)


def run(world: World, calls: list[Call], tickets) -> None:
    """All calls over a bounded pool, started together; nothing may hang, and only domain errors may be raised."""
    gate, waiting = threading.Barrier(THREADS), iter(calls)
    taking = threading.Lock()

    def worker() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = '20s'")
            gate.wait(timeout=20)
            while True:
                with taking:
                    call = next(waiting, None)
                if call is None:
                    return
                tickets.ticket = None
                try:
                    perform(call, world)
                    call.answer = OK
                except DomainError as refusal:
                    call.answer = refusal.code
                call.ticket = tickets.ticket
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(worker) for _ in range(THREADS)]:
            future.result(timeout=120)


def replayed(world: World, calls: list[Call], kind: dict[str, Any]) -> Model:
    """The calls in the order of their tickets through the pure rules; each must have answered as the rules do."""
    board = frozenset(world.persons[name] for name in JUDGES)
    model = Model(
        digest=world.digests["1.0.0"],
        quorum=Quorum("board", kind["needs"], ("change-board",)),
        members={"change-board": board},
        excluded=frozenset({world.persons["olga"]}),
        automatic=kind["automatic"],
        review_until=world.change.review_until,
        revision=world.change.revision,
    )
    for call in sorted(calls, key=lambda call: call.ticket):
        inputs = dict(call.inputs)
        if call.name == "vote":
            expected = model.vote(person=world.persons[inputs.pop("who")], **inputs)
        elif call.name == "edit":
            expected = model.edit(digest=world.digests[inputs["release"]], now=inputs["now"])
        else:
            expected = getattr(model, "review" if call.name == "expire" else call.name)(**inputs)
        assert call.answer == expected, f"{call} must answer {expected}; the request was {model.state}"
    return model


def check_database(world: World, model: Model) -> None:
    """The rows say what the replay says, and the log is whole."""
    change = type(world.change).objects.get(pk=world.change.pk)
    assert (change.state, change.revision, change.subject_digest) == (model.state, model.revision, model.digest)
    cast = list(Vote.objects.filter(change=change).order_by("sequence").values_list("person_id", "value", "subject_digest", "sequence"))
    assert cast == [(ballot.person, ballot.choice, ballot.digest, ballot.sequence) for ballot in model.ballots]
    sent = list(Deployment.objects.filter(change_id=change.id))
    assert len(sent) == len(model.sent) == (model.state is State.DISPATCHED), "dispatched at most once, and only when the state says so"
    if sent:
        desired, (digest, approvers) = DesiredState.objects.get(slot_id=sent[0].slot_id), model.sent[0]
        assert (desired.generation, desired.change_id, desired.digest) == (1, change.id, change.release_digest)
        assert digest == change.subject_digest
        assert approvers <= model.approving(digest), "every counted vote is on the digest that was sent"
    events = Event.objects.filter(subject_id=change.id)
    versions = list(events.filter(version__isnull=False).order_by("version").values_list("version", flat=True))
    assert versions == list(range(1, change.version + 1)), "no transition was lost or told twice"
    said = events.filter(verb__in=["governance.vote.cast", "governance.vote.retracted"]).count()
    assert said == len(cast), "every vote is in the log, no other is"


@pytest.mark.slow
def test_every_final_state_equals_a_serial_order(arena, tickets):
    """F13, G13: never two dispatches, never a lost vote, never a deadlock, whatever meets whatever."""
    rng, until, ended, made = random.Random(20261123), time.monotonic() + BUDGET_S, {}, 0
    for number, (name, kind) in enumerate(itertools.cycle(ROUNDS.items())):
        if number >= len(ROUNDS) and time.monotonic() > until:
            break
        world = prepared(arena, str(number), kind)
        calls = planned(world, kind, rng)
        run(world, calls, tickets)
        model = replayed(world, calls, kind)
        check_database(world, model)
        ended.setdefault(name, set()).add(model.state)
        made += len(calls)
    assert made >= 800
    assert State.DISPATCHED in ended["last vote against last vote"], "these votes must suffice in any order"
    assert ended["withdrawal against expiry, one judge away"] <= {State.WITHDRAWN, State.EXPIRED}, "these can end in no other way"


@pytest.mark.slow
def test_two_requests_for_one_slot_are_never_both_sent(arena):
    """The last votes of two requests for the same slot fall together: one is sent, the other is held back or refused."""
    arena.tightened("default", arena.quorum(needs=6))
    for number in range(6):
        arena.now = db_now()
        slug = f"slot-{number}"
        arena.releasable(slug, version="1.0.0", every_s=3)
        arena.releasable(slug, version="1.1.0", every_s=7)
        changes = [arena.asked(version, integration=slug) for version in ("1.0.0", "1.1.0")]
        for change, judge in itertools.product(changes, JUDGES[:5]):
            arena.vote(change, judge)
        gate, credentials = threading.Barrier(2), arena.by(JUDGES[5])

        def last_vote(change, gate=gate, credentials=credentials):
            try:
                gate.wait(timeout=20)
                shown = {"shown": change.subject_digest, "choice": Choice.APPROVE, "reason": "Seen."}
                return votes.cast_vote(number=change.number, **shown, **credentials).state
            except DomainError as refusal:
                return refusal.code
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            answers = [future.result(timeout=30) for future in [pool.submit(last_vote, change) for change in changes]]
        slot = changes[0].targets.get().slot_id
        assert DesiredState.objects.get(slot_id=slot).generation == 1
        assert Deployment.objects.filter(slot_id=slot).count() == 1
        assert answers.count(State.DISPATCHED) == 1, answers
        assert set(answers) <= {State.DISPATCHED, State.APPROVED, "content-moved"}
