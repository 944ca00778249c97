"""Commands of accounts: what is kept in step, and what the log is told."""

from datetime import timedelta

import pytest

from accounts.domain.errors import Invalid, LastAdministrator
from accounts.models import User
from accounts.services import roles, teams, tokens, users
from audit.models import Disclosure, DisclosureKey, Event
from audit.services.erase import erase_texts
from config.integrity import findings
from tests.given.people import SYSTEM

pytestmark = pytest.mark.django_db


def test_an_account_without_a_password_cannot_sign_in(given, client):
    given.person("ann")
    assert not User.objects.get().has_usable_password()
    assert not client.login(username="ann", password="")


def test_linked_accounts_share_the_person(given):
    ann = given.person("ann")
    second = given.person("ann-admin", person_id=ann.person_id)
    assert (second.person_id, ann.person_id) == (ann.id, ann.id)


def test_each_change_of_an_account_is_one_version_one_history_row_and_one_event(given):
    ann = given.person("ann")
    users.update_user(username="ANN", changes={"display_name": "Ann"}, expected_version=1, actor=SYSTEM, now=given.now)
    users.update_user(username="ann", changes={"display_name": "Anna"}, expected_version=1, actor=SYSTEM, now=given.now)
    roles.grant_role(user=ann, role="auditor", actor=SYSTEM, now=given.now)
    users.deactivate_user(username="ann", actor=SYSTEM, now=given.now)
    verbs = ["accounts.user.created", "accounts.user.updated", "accounts.role.granted", "accounts.user.deactivated"]
    assert given.events(ann) == verbs
    assert list(ann.history.order_by("version").values_list("version", flat=True)) == [1, 2, 3, 4]
    events = dict(Event.objects.filter(subject_id=ann.id).values_list("version", "id"))
    assert dict(ann.history.values_list("version", "event_id")) == events


def test_names_of_people_never_stand_in_the_log(given):
    given.person("annabelle", email="annabelle@example.org")
    given.team("payments", members=["annabelle"])
    bodies = b"".join(bytes(body) for body in Event.objects.values_list("body", flat=True))
    assert b"annabelle" not in bodies.lower()


def test_members_are_in_the_group_of_their_team_and_no_longer(given):
    team, ann = given.team("payments", members=["ann"]), given.person("ann")
    assert list(ann.groups.all()) == [team.group]
    assert teams.add_member(team=team, user=ann, actor=SYSTEM, now=given.now) is False
    assert teams.remove_member(team=team, user=ann, actor=SYSTEM, now=given.now) is True
    assert (list(ann.groups.all()), given.viewer("ann").group_ids) == ([], frozenset())


def test_people_above_see_what_teams_below_own(given):
    top = given.team("top", members=["ann"])
    middle = given.team("middle", parent=top, members=["bob"])
    bottom = given.team("bottom", parent=middle)
    assert given.viewer("ann").team_ids == {top.id, middle.id, bottom.id}
    assert given.viewer("bob").team_ids == {middle.id, bottom.id}


def test_the_last_active_administrator_cannot_go(given):
    root, other = given.administrator("root"), given.administrator("other")
    users.deactivate_user(username="other", actor=SYSTEM, now=given.now)
    with pytest.raises(LastAdministrator):
        roles.revoke_role(user=root, role="administrator", actor=SYSTEM, now=given.now)
    assert roles.revoke_role(user=other, role="administrator", actor=SYSTEM, now=given.now)


def test_a_token_says_when_it_was_used_at_most_once_a_minute(given):
    secret = given.token("ann")
    first = given.later(seconds=1)
    assert tokens.resolve(secret, first).last_used_at is None
    assert tokens.resolve(secret, given.later(seconds=30)).last_used_at == first
    third = given.later(seconds=31)
    tokens.resolve(secret, third)
    assert tokens.resolve(secret, third).last_used_at == third


@pytest.mark.parametrize("fields", [{"scopes": []}, {"scopes": ["catalog:read", "all"]}, {"expires_at": "past"}])
def test_a_token_without_a_sound_scope_or_future_is_refused(given, fields):
    values = {"scopes": ["catalog:read"], **fields}
    if "expires_at" in values:
        values["expires_at"] = given.now - timedelta(seconds=1)
    with pytest.raises(Invalid):
        tokens.issue_token(user=given.person("ann"), label="x", actor=SYSTEM, now=given.now, **values)


def test_sign_in_and_out_and_a_failed_try_are_on_the_record(given, client):
    ann = given.person("ann", password="correct horse battery")
    assert not client.login(username="ann", password="hunter2hunter2")
    assert not client.login(username="hunter2hunter2", password="x")
    assert client.login(username="ann", password="correct horse battery")
    client.logout()
    assert given.events(ann)[1:] == ["accounts.sign_in.failed", "accounts.sign_in.succeeded", "accounts.sign_out"]
    bodies = b"".join(bytes(body) for body in Event.objects.values_list("body", flat=True))
    assert b"hunter2" not in bodies


def test_signing_in_changes_nothing_of_the_account(given, client):
    """Django notes the moment on the account: a history row of that would name an event that nobody records."""
    ann = given.person("ann", password="correct horse battery")
    assert client.login(username="ann", password="correct horse battery")
    ann.refresh_from_db()
    assert (ann.last_login is not None, ann.version, ann.history.count()) == (True, 1, 1)
    assert findings() == []


def test_what_the_log_says_of_a_person_goes_with_the_person_whoever_wrote_it(given):
    ann = given.person("ann")
    users.update_user(username="ann", changes={"email": "ann@example.org"}, expected_version=None, actor=SYSTEM, now=given.now)
    kept = Disclosure.objects.filter(key_id=ann.person_id)
    assert set(kept.values_list("path", flat=True)) == {"username", "display_name", "email"}
    assert DisclosureKey.objects.filter(subject=ann.person_id).exists(), "made with the account: no two commands make it in turns later"
    erase_texts(owner=ann.person_id, legal_basis="gdpr.art17", actor=SYSTEM, now=given.now)
    events = Event.objects.filter(subject_id=ann.id).values("id")
    assert not Disclosure.objects.filter(event_id__in=events).exists()
