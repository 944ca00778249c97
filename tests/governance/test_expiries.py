"""Teams are told of their connections: once before one expires, once when it has; by the given moment alone."""

from datetime import timedelta

import pytest

from accounts.services import teams
from audit.domain.actors import Actor
from catalog.domain.connections import SOON
from catalog.models import Connection
from catalog.services import connections
from governance.models import ExpiryNotice, Notification
from governance.services import expiries
from governance.services.notifications import SINGLE
from tests.given.people import SYSTEM

pytestmark = pytest.mark.django_db
KIND = "connection-expiry"
DAY = timedelta(days=1)


@pytest.fixture
def estate(given):
    """Olga and cem of payments, below finance with fay, keep a connection that ends in forty days."""
    given.administrator()
    given.person("eve")
    given.team("payments", parent=given.team("finance", members=["fay"]), members=["olga", "cem"])
    given.connection(by="olga", expires_at=given.now + 40 * DAY)
    return given


def warned(given):
    return expiries.warn_due(now=given.now, actor=Actor.worker())


def titles(name):
    return list(Notification.objects.filter(user__username=name).order_by("at", "id").values_list("title", flat=True))


def edit(given, **changes):
    connections.update_connection(slug="erp-production", changes=changes, expected_version=None, **given.by("olga"))


@pytest.mark.parametrize(
    ("ends_in", "expected"),
    [
        (SOON + timedelta(microseconds=1), []),
        (SOON, ["cem", "olga"]),
        (timedelta(microseconds=1), ["cem", "olga"]),
        (timedelta(0), ["cem", "olga"]),
        (None, []),
    ],
    ids=["a moment before the window", "the window opens", "the last moment", "expired", "without an end"],
)
def test_who_is_told_at_which_moment(estate, ends_in, expected):
    edit(estate, expires_at=None if ends_in is None else estate.now + ends_in)
    assert warned(estate) == bool(expected)
    assert estate.told(KIND) == expected


def test_told_once_before_and_once_after_with_an_event_each(estate):
    row = Connection.objects.get()
    for days, count in ((9, 0), (1, 1), (0, 0), (29, 0), (1, 1), (300, 0)):
        estate.later(days=days)
        assert warned(estate) == count, days
    assert titles("olga") == ["The connection Erp-production expires on 2027-01-02", "The connection Erp-production expired on 2027-01-02"]
    assert estate.events(row)[-2:] == ["governance.expiry.told"] * 2
    last = Notification.objects.filter(user__username="olga").latest("at")
    assert (last.path, last.integration_id) == ("/landscape/connections/erp-production", None)
    assert "ERP in Production" in last.detail


def test_what_expired_while_no_worker_ran_is_told_as_that_only(estate):
    estate.later(days=41)
    assert (warned(estate), warned(estate)) == (1, 0)
    assert titles("cem") == ["The connection Erp-production expired on 2027-01-02"]


def test_a_new_day_is_a_new_occasion(estate):
    estate.later(days=15)
    warned(estate)
    edit(estate, expires_at=estate.now + 100 * DAY)
    assert warned(estate) == 0
    estate.later(days=80)
    assert warned(estate) == 1
    assert len(titles("olga")) == 2


def test_retired_and_deleted_ones_are_nobodys_worry(estate):
    estate.later(days=15)
    for gone in ("retired_at", "tombstoned_at"):
        Connection.objects.update(**{"retired_at": None, "tombstoned_at": None, gone: estate.now})
        assert warned(estate) == 0
    assert not ExpiryNotice.objects.exists()


def test_where_nobody_is_left_in_the_team_those_above_are_told_then_administrators(estate):
    estate.later(days=15)
    for name, team in (("olga", "payments"), ("cem", "payments")):
        teams.remove_member(team=estate.team(team), user=estate.person(name), actor=SYSTEM, now=estate.now)
    warned(estate)
    assert estate.told(KIND) == ["fay"]
    teams.remove_member(team=estate.team("finance"), user=estate.person("fay"), actor=SYSTEM, now=estate.now)
    estate.later(days=30)
    warned(estate)
    assert estate.told(KIND) == ["fay", "root"]


def test_two_workers_at_once_tell_once(estate):
    """The notice of the other is there when this one writes its own."""
    estate.later(days=15)
    row = Connection.objects.select_related("system", "environment").get()
    ExpiryNotice.objects.create(connection=row, need="expires-soon", expires_at=row.expires_at, at=estate.now)
    assert expiries._warn(expiries.Upkeep.EXPIRES_SOON, [row], actor=Actor.worker(), now=estate.now) == 0
    assert titles("olga") == []


def test_many_at_once_are_one_line_that_leads_to_the_list(estate):
    for number in range(SINGLE + 3):
        estate.connection(f"line-{number}", by="olga", expires_at=estate.now + 20 * DAY)
    assert warned(estate) == SINGLE + 3
    assert len(titles("olga")) == SINGLE + 1
    more = Notification.objects.get(user__username="olga", title="More connections that expire soon")
    assert more.path == "/landscape/connections?upkeep=expires-soon"
