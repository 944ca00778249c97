"""The ladder by clock: opened, told one step higher at a time, closed when put right; each moment depends on `now` alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as each
from hypothesis import strategies as st

from accounts.models import Membership
from catalog.models import Integration
from catalog.services.policies import update_tier_policy
from governance.domain.ladder import Step, heard_by, next_step_at, steps_due
from governance.models import Escalation, Notification

DAY_0 = datetime(2026, 1, 1, tzinfo=UTC)
LADDER = (0, 7, 14, 30)


@pytest.mark.parametrize(
    ("days", "taken", "expected"),
    [(0, 0, [0]), (6, 1, []), (7, 1, [1]), (14, 1, [1, 2]), (365, 0, [0, 1, 2, 3]), (365, 4, [])],
)
def test_steps_due(days, taken, expected):
    assert steps_due(LADDER, opened_at=DAY_0, taken=taken, now=DAY_0 + timedelta(days=days)) == expected


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@each(st.lists(st.integers(0, 400), min_size=1, max_size=4, unique=True).map(sorted), st.lists(st.integers(0, 60), max_size=8))
def test_however_often_one_looks_every_step_is_taken_once_and_in_order(ladder, gaps):
    taken, seen, now = 0, [], DAY_0
    for gap in gaps:
        now += timedelta(days=gap)
        found = steps_due(ladder, opened_at=DAY_0, taken=taken, now=now)
        seen += found
        taken += len(found)
        following = next_step_at(ladder, opened_at=DAY_0, taken=taken)
        assert following is None or following > now
    assert seen == list(range(len(seen)))
    assert len(seen) == (sum(now >= DAY_0 + timedelta(days=day) for day in ladder) if gaps else 0)


def test_news_for_an_empty_step_goes_to_the_next_one_above_that_has_somebody():
    assert heard_by(Step.OWNERS, [[], [], ["lead above"], ["root"]]) is Step.LEADS_ABOVE
    assert heard_by(Step.LEADS, [["owner"], [], [], ["root"]]) is Step.ADMINISTRATORS
    assert heard_by(Step.OWNERS, [[], [], [], []]) is Step.ADMINISTRATORS


@pytest.fixture
def stage(given):
    """Payments below finance: olga works, lea leads payments, fay leads finance, root administers; one tier-1 integration of 90 days."""
    given.administrator()
    finance = given.team("finance", members=["fay"])
    given.team("payments", parent=finance, members=["olga", "lea"])
    Membership.objects.filter(user__username__in=["lea", "fay"]).update(is_lead=True)
    return given.integration("orders", tier=1)


def test_an_overdue_attestation_climbs_from_owners_to_administrators(given, stage):
    given.owned(stage, technical_owner="tom", co_owners=["cora"])
    assert given.escalated() == 0
    given.later(days=90)
    assert given.escalated() == 2  # opened, and its first step
    assert given.told("escalation") == ["cora", "lea", "olga", "tom"]
    for days, expected in ((6, []), (1, ["lea"]), (7, ["fay"]), (15, []), (1, ["root"]), (100, [])):
        before = len(given.told("escalation"))
        given.later(days=days)
        given.escalated()
        assert given.told("escalation")[before:] == expected, days
    row = given.escalation(stage, "attestation")
    assert (row.step, row.next_check_at, row.closed_at) == (4, None, None)
    assert given.events(row) == ["governance.escalation.opened", *["governance.escalation.advanced"] * 4]


def test_running_again_at_the_same_moment_does_nothing(given, stage):
    given.later(days=90)
    given.escalated()
    assert given.escalated() == 0
    assert Escalation.objects.count() == 1


def test_what_was_put_right_closes_and_may_open_again(given, stage):
    given.later(days=90)
    given.escalated()
    Integration.objects.update(attested_at=given.now)
    given.escalated()
    first = given.escalation(stage, "attestation")
    assert first.closed_at == given.now
    given.later(days=90)
    given.escalated()
    assert given.escalation(stage, "attestation").pk != first.pk
    assert given.told("escalation").count("olga") == 2


def test_an_orphan_is_told_to_whoever_is_left_above_and_closes_when_somebody_answers(given, stage):
    """Nobody is on the first three steps: administrators hear at once. Its release and desired state are not touched by any of it."""
    given.owned(stage, technical_owner="tom")
    given.deactivated("tom")
    for team in ("payments", "finance"):
        given.empty_team(team)
    given.escalated()
    row = given.escalation(stage)
    assert (row.step, given.told("escalation")) == (1, ["root"])
    assert Notification.objects.get().path == "/integrations/orders"
    given.team("finance", members=["newcomer"])
    given.escalated()
    assert given.escalation(stage).closed_at == given.now
    assert given.events(row)[-1] == "governance.escalation.closed"


def test_a_flood_is_ten_by_name_and_one_line_a_day_that_leads_to_the_list(given):
    given.administrator()
    given.team("nobody")
    for n in range(13):
        given.integration(f"lost-{n}", team="nobody")
    given.escalated()
    told = list(Notification.objects.filter(kind="escalation", user__username="root").order_by("pk"))
    assert len(told) == 11
    assert (told[-1].path, told[-1].integration_id) == ("/stewardship/escalations?open=true&kind=orphan", None)
    assert Escalation.objects.filter(step=1).count() == 13
    given.later(days=7)
    given.escalated()
    assert Notification.objects.filter(kind="escalation", user__username="root").count() == 22


def test_a_restricted_one_is_told_to_nobody_who_may_not_see_it(given, stage):
    """Its owner by name was never let in: the team hears, and were the team empty, the lead above would."""
    given.owned(stage, technical_owner="tom")
    Integration.objects.update(visibility="restricted")
    given.later(days=90)
    given.escalated()
    assert given.told("escalation") == ["lea", "olga"]
    for name in ("lea", "olga"):
        given.deactivated(name)
    Escalation.objects.all().delete()
    given.later(days=1)
    given.escalated()
    assert given.told("escalation")[2:] == ["fay"]


def test_what_has_ended_or_was_deleted_escalates_no_more(given, stage):
    other = given.integration("other", tier=1)
    given.later(days=90)
    given.escalated()
    Integration.objects.filter(pk=stage.pk).update(stage="retired")
    Integration.objects.filter(pk=other.pk).update(tombstoned_at=given.now)
    given.escalated()
    assert not Escalation.objects.filter(closed_at__isnull=True).exists()


def test_the_ladder_follows_the_tiers_policy(given, stage):
    update_tier_policy(tier=1, changes={"attest_every_days": 10, "escalate_after_days": [2]}, expected_version=0, **given.by("root"))
    given.later(days=10)
    given.escalated()
    assert given.told("escalation") == []
    given.later(days=2)
    given.escalated()
    assert given.told("escalation") == ["lea", "olga"]
    assert given.escalation(stage, "attestation").next_check_at is None


def test_many_orphans_cost_a_bounded_number_of_statements_to_look_at_again(given, django_assert_max_num_queries):
    given.administrator()
    given.team("nobody")
    for n in range(12):
        given.integration(f"lost-{n}", team="nobody")
    given.escalated()
    assert Escalation.objects.filter(kind="orphan", step=1).count() == 12
    with django_assert_max_num_queries(10):
        assert given.escalated() == 0
