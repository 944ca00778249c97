"""Two commands that name each other's thing at the same moment: both end, in some order, and neither leaves what must not be."""

import threading

from django.db import connection, transaction

from accounts.domain.errors import TeamCycle
from accounts.models import Team
from accounts.services import teams
from catalog.domain.vocabulary import EntityKind
from catalog.models import Integration, Relation
from catalog.services import integrations, relations
from foundation.errors import DomainError
from governance.domain.errors import PlanMoved
from governance.services import deletion
from tests.races.test_deletion_race import arena, at_once, burial, refused

__all__ = ["arena"]
ROUNDS = 6


def move(given, slug, parent):
    by = {"actor": given.actor("root"), "now": given.now}
    above = Team.objects.get(slug=parent)
    return lambda: teams.update_team(slug=slug, changes={"parent": above}, expected_version=None, **by)


def is_locked_out(waiting):
    """Whether a backend of the database waits for an advisory lock: the other command stands at the turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone()[0] >= waiting


def test_two_teams_moved_below_each_other_at_once(arena):
    """One of the two, never both (a circle), and never a deadlock, which `at_once` would not accept as an answer."""
    for n in range(ROUNDS):
        arena.team(f"left-{n}")
        arena.team(f"right-{n}")
        answers = at_once(move(arena, f"left-{n}", f"right-{n}"), move(arena, f"right-{n}", f"left-{n}"))
        assert sorted(map(refused, answers)) == [False, True], answers
        assert any(isinstance(answer, TeamCycle) for answer in answers)


def test_who_moves_a_team_waits_before_it_has_locked_anything(arena):
    """The order itself: while one move is open, the other holds no row that the first may still want."""
    arena.team("left")
    arena.team("right")
    answer = []

    def second():
        try:
            answer.append(move(arena, "right", "left")())
        except DomainError as error:
            answer.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        move(arena, "left", "right")()
        thread.start()
        while not is_locked_out(1) and thread.is_alive():
            thread.join(timeout=0.01)
        Team.objects.select_for_update(nowait=True).get(slug="right")  # raises where the other had locked it already
    thread.join(timeout=30)
    assert [type(each) for each in answer] == [TeamCycle]


def declaration(given, source, target, by="root"):
    acting = given.by(by)
    ends = {"source_kind": "system", "source": source, "type": "feeds", "target_kind": "system", "target": target}
    return lambda: relations.add_relation(**ends, **acting)


def test_two_things_related_to_each_other_at_once(arena):
    for n in range(ROUNDS):
        arena.system(f"left-{n}")
        arena.system(f"right-{n}")
        answers = at_once(declaration(arena, f"left-{n}", f"right-{n}"), declaration(arena, f"right-{n}", f"left-{n}"))
        assert not any(map(refused, answers)), answers
    assert Relation.objects.count() == 2 * ROUNDS


def test_a_relation_against_the_deletion_of_what_it_names(arena):
    """Either the deletion's plan saw the relation coming, or the relation found its end gone: never a relation to nothing."""
    arena.system("here")
    for n in range(ROUNDS):
        arena.system(f"legacy-{n}")
        arena.retired("system", f"legacy-{n}")
        gone, said = at_once(burial(arena, "system", f"legacy-{n}"), declaration(arena, "here", f"legacy-{n}"))
        assert refused(gone) != refused(said), (gone, said)
        assert not refused(gone) or isinstance(gone, PlanMoved)


def test_a_relation_is_held_back_by_a_deletion_that_is_not_over(arena):
    """The very interleaving: the end was found, then deleted, and only then is the relation saved."""
    arena.system("here")
    arena.system("legacy")
    arena.retired("system", "legacy")
    answer = []
    said = declaration(arena, "here", "legacy")

    def second():
        try:
            answer.append(said())
        except DomainError as error:
            answer.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    by, token = arena.by("root"), arena.plan("system", "legacy").token
    with transaction.atomic():
        deletion.tombstone(kind=EntityKind.SYSTEM, slug="legacy", token=token, **by)
        thread.start()
        while not _waits_for_a_row() and thread.is_alive():
            thread.join(timeout=0.01)
        assert thread.is_alive(), "it must wait for the deletion, not pass it by"
    thread.join(timeout=30)
    assert refused(answer[0]), answer
    assert not Relation.objects.exists()


def _waits_for_a_row():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] >= 1


def test_two_integrations_that_name_each_other_as_the_alternative(arena):
    def replacing(slug, other, by):
        changes = {"deprecation": {"alternative": other, "reason": "Merged."}}
        return lambda: integrations.update_integration(slug=slug, changes=changes, expected_version=None, **by)

    for n in range(ROUNDS):
        left, right = (arena.integration(f"{side}-{n}", by="olga") for side in ("left", "right"))
        by = arena.by("olga")
        answers = at_once(replacing(left.slug, right.slug, by), replacing(right.slug, left.slug, by))
        assert not any(map(refused, answers)), answers
        named = dict(Integration.objects.filter(pk__in=[left.pk, right.pk]).values_list("slug", "deprecation__alternative"))
        assert named == {left.slug: str(right.pk), right.slug: str(left.pk)}
