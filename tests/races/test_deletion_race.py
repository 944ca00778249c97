"""Deletion against everything that may happen at the same moment: one of the two comes first, and the other knows it."""

import threading

import pytest
from django.db import connection

from accounts.domain.errors import SlugTaken
from catalog.domain.errors import NameGivenAway
from catalog.domain.vocabulary import EntityKind
from catalog.models import FlowEndpoint, Integration, Name, Tombstone
from catalog.services import integrations
from config.integrity import findings
from foundation.clock import db_now
from foundation.errors import DomainError
from governance.domain.lifecycle import TERMINAL
from governance.models import ChangeRequest
from governance.services import change_requests, deletion

ROUNDS = 4


def at_once(*calls):
    """Every call in a thread of its own, all started together; what each answered or raised, in order."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(index, call):
        try:
            gate.wait(timeout=10)
            answers[index] = call()
        except Exception as error:  # noqa: BLE001 - a thread's failure is judged by the test
            answers[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    assert all(not isinstance(answer, Exception) or isinstance(answer, DomainError) for answer in answers), answers
    return answers


def refused(answer):
    return isinstance(answer, DomainError)


@pytest.fixture
def arena(transactional_db, given):
    given.now = db_now()
    given.team("payments", members=["olga"])
    given.administrator("root")
    given.endpoints()
    return given


def burial(given, kind, slug):
    token, by = given.plan(kind, slug).token, given.by("root")
    return lambda: deletion.tombstone(kind=EntityKind(kind), slug=slug, token=token, **by)


def registration(given, slug, *, system="erp"):
    by = given.by("olga")
    ends = [{"system": system, "data_object": None, "role": "source", "operation": "read"}]
    values = {"title": slug, "purpose": "", "type": "flow", "team": "payments", "tier": 3, "endpoints": ends}
    return lambda: integrations.register_integration(slug=slug, **values, **by)


def test_a_system_against_a_new_endpoint_that_names_it(arena):
    """Never an endpoint of a system that is gone: either the endpoint was seen, or the system was missing."""
    for n in range(ROUNDS):
        arena.system(f"legacy-{n}")
        arena.retired("system", f"legacy-{n}")
        gone, made = at_once(burial(arena, "system", f"legacy-{n}"), registration(arena, f"flow-{n}", system=f"legacy-{n}"))
        assert refused(made), "what is retired is named by nothing new"
        assert not refused(gone)
    assert not FlowEndpoint.objects.filter(system__tombstoned_at__isnull=False).exists()


def test_retirement_against_a_new_endpoint(arena):
    """Whoever comes second knows: the plan has moved, or the system is retired."""
    for n in range(ROUNDS):
        arena.system(f"system-{n}")
        token, by = arena.plan("system", f"system-{n}").token, arena.by("root")
        retired, made = at_once(
            lambda n=n, token=token, by=by: deletion.retire(kind=EntityKind.SYSTEM, slug=f"system-{n}", token=token, **by),
            registration(arena, f"flow-{n}", system=f"system-{n}"),
        )
        assert refused(retired) != refused(made), (retired, made)


def test_an_integration_against_a_new_change_request(arena):
    """Never a request in review of an integration that is gone, nor one at its end."""
    arena.board()
    arena.agent()
    arena.policy()
    for n in range(ROUNDS):
        slug = f"flow-{n}"
        arena.releasable(slug)
        by, token = arena.by("olga"), arena.plan("integration", slug).token
        target = [{"environment": "production", "runtime": "agent"}]

        def ask(slug=slug, by=by, target=target):
            return change_requests.draft_and_submit(integration=slug, release="1.0.0", targets=target, reason="Now.", **by)

        def end(slug=slug, by=by, token=token):
            _row, plan = deletion.retire(kind=EntityKind.INTEGRATION, slug=slug, token=token, **by)
            return deletion.tombstone(kind=EntityKind.INTEGRATION, slug=slug, token=plan.token, **by)

        ended, asked = at_once(end, ask)
        assert not (refused(ended) and refused(asked)), (ended, asked)
    assert not ChangeRequest.objects.filter(integration__tombstoned_at__isnull=False).exclude(state__in=TERMINAL).exists()
    assert findings() == []


def test_a_deletion_against_a_registration_under_the_same_name(arena):
    """The name has one owner at every moment, and one history for each identity."""
    for n in range(ROUNDS):
        slug = f"flow-{n}"
        old = arena.integration(slug, by="olga")
        arena.retired("integration", slug)
        gone, made = at_once(burial(arena, "integration", slug), registration(arena, slug))
        assert not refused(gone)
        assert not refused(made) or isinstance(made, SlugTaken)
        living = Integration.objects.filter(slug=slug, tombstoned_at=None)
        assert living.count() == (0 if refused(made) else 1)
        assert list(Name.objects.filter(key=slug).values_list("entity_id", flat=True)) == [row.pk for row in living]
        assert old.pk not in {row.pk for row in living}
    assert findings() == []


def test_a_restoration_against_a_registration_under_the_same_name(arena):
    """One of the two gets it."""
    for n in range(ROUNDS):
        slug, by = f"flow-{n}", arena.by("root")
        arena.integration(slug, by="olga")
        stone = arena.deleted("integration", slug)
        back, made = at_once(lambda stone=stone, by=by: deletion.restore(tombstone_id=stone.pk, **by), registration(arena, slug))
        assert refused(back) != refused(made), (back, made)
        assert isinstance(back if refused(back) else made, NameGivenAway | SlugTaken)
        assert Integration.objects.filter(slug=slug, tombstoned_at=None).count() == 1
        assert Tombstone.objects.filter(pk=stone.pk).exists() == refused(back)
    assert findings() == []


def test_ten_deletions_of_one_thing_are_one(arena):
    flow = arena.integration("flow", by="olga")
    arena.retired("integration", "flow")
    answers = at_once(*[burial(arena, "integration", "flow")] * 10)
    assert sum(not refused(answer) for answer in answers) == 1
    assert arena.events(flow).count("catalog.integration.tombstoned") == 1
