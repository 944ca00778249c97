"""Nobody leaves a hole: what a person holds is listed, passed on and only then is the account switched off, all in one transaction."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as each
from hypothesis import strategies as st

from accounts.domain.errors import AdministratorsOnly, LastAdministrator
from accounts.models import Membership, User
from accounts.services import teams
from catalog.models import Integration, SavedView
from catalog.selectors.owners import standing_of
from catalog.services.grants import add_grant
from config.integrity import findings
from foundation.clock import db_now
from governance.domain.errors import InvalidReassignment, PlanStale, StillHolding
from governance.domain.reassignment import Held, Item, successors, token_of
from governance.models import BoardMember, Campaign
from governance.services import reassignment
from governance.services.subscriptions import subscribe
from tests.given.people import SYSTEM

items = st.lists(
    st.builds(
        Item,
        kind=st.sampled_from(Held),
        id=st.uuids(),
        name=st.text("abc", min_size=1),
        title=st.text(max_size=5),
        roles=st.lists(st.sampled_from(["on-call", "co-owner"]), unique=True).map(tuple),
    ),
    max_size=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@each(st.uuids(), items, st.randoms())
def test_the_token_is_of_what_is_held_not_of_order_or_words(person, held, dice):
    shuffled = [Item(item.kind, item.id, item.name + "x", "renamed", item.roles) for item in dice.sample(held, len(held))]
    assert token_of(person, shuffled) == token_of(person, held)
    more = [*held, Item(Held.BOARD, person, "b", "B")]
    assert token_of(person, more) != token_of(person, held)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@each(items)
def test_a_default_covers_everything_that_must_pass_on(held):
    chosen = successors(held, default="sam", overrides={})
    assert set(chosen) == {item.id for item in held if item.binds}
    assert set(chosen.values()) <= {"sam"}


def test_every_item_without_anybody_is_named_and_only_seats_may_end():
    team, flow = Item(Held.TEAM, User().pk, "payments", "Payments"), Item(Held.INTEGRATION, User().pk, "orders", "Orders")
    with pytest.raises(InvalidReassignment) as refused:
        successors([team, flow], default=None, overrides={"team:payments": None, "integration:orders": None, "board:x": "sam"})
    assert [fault.code for fault in refused.value.errors] == ["not-held", "nobody-named"]
    assert successors([team], default="sam", overrides={"team:payments": None}) == {team.id: None}


@pytest.fixture
def leaver(given):
    """Tom is technical owner and co-owner of two integrations, leads payments, sits on the board and has a request open."""
    change = given.change_in_review(needs=1)
    given.administrator()
    given.team("payments", members=["tom"])
    teams.add_member(team=given.team("payments"), user=given.person("tom"), is_lead=True, actor=SYSTEM, now=given.now)
    given.owned(Integration.objects.get(slug="orders-to-erp"), technical_owner="tom")
    given.owned(given.integration("returns", by="tom", visibility="restricted"), co_owners=["tom", "ann"], on_call="tom")
    given.release(Integration.objects.get(slug="returns"), "1.0.0", by="tom")
    BoardMember.objects.create(board=given.board(), user=given.person("tom"), since=given.now)
    given.releasable("third")
    given.asked(integration="third", by="tom")
    given.campaign()
    given.person("sam")
    return change


def plan(given, by="root"):
    return reassignment.plan(username="tom", viewer=given.viewer(by))


def leave(given, token=None, default="sam", **overrides):
    token = token or plan(given).token
    return reassignment.deactivate(username="tom", token=token, default=default, overrides=overrides, **given.by("root"))


def test_the_plan_lists_everything_and_writes_nothing(given, leaver):
    before = User.objects.get(username="tom").version
    found = plan(given)
    listed = {item.key: item.roles for item in found.items}
    assert listed["integration:orders-to-erp"] == ("technical-owner",)
    assert listed["integration:returns"] == ("on-call", "co-owner")
    assert {"team:payments", "board:change-board", "attestation:returns"} <= listed.keys()
    bound = {"integration": 2, "team": 1, "board": 1, "change_request": 1, "attestation": 2, "escalation": 0}
    assert {kind: found.counts[kind] for kind in bound} == bound
    assert found.counts.keys() == {kind.value.replace("-", "_") for kind in Held}
    assert User.objects.get(username="tom").version == before


def test_what_goes_with_the_account_is_listed_too_and_nobody_needs_to_take_it_over(given, leaver):
    tom = given.person("tom", roles_held=["auditor"])
    given.team("guild", members=["tom", "ann"])
    given.token("tom")
    orders = Integration.objects.get(slug="orders-to-erp")
    orders.team = given.team("elsewhere", members=["zoe"])
    orders.save(update_fields=["team"])
    subscribe(integration="orders-to-erp", **given.by("tom"))
    add_grant(integration="orders-to-erp", user="tom", right="view", **given.by("root"))
    SavedView.objects.create(owner=tom, title="Mine", title_key="mine", query="", created_at=given.now)
    Campaign.objects.update(opened_by=tom)
    listed = {item.key: item for item in plan(given).items}
    assert {"membership:guild", "role:auditor", "grant:orders-to-erp", "subscription:orders-to-erp", "view:Mine"} <= listed.keys()
    assert {"tests", "Spring"} <= {item.title for item in listed.values()}
    own = {Held.MEMBERSHIP, Held.ROLE, Held.GRANT, Held.SUBSCRIPTION, Held.VIEW, Held.TOKEN, Held.CAMPAIGN}
    assert not any(item.binds for item in listed.values() if item.kind in own)
    assert "Mine" not in {item.title for item in plan(given).shown}  # a view of one's own is nobody else's to read
    assert "Mine" in {item.title for item in plan(given, "tom").shown}


def test_who_is_the_last_of_a_team_that_answers_for_something_needs_a_successor_in_it(given):
    given.administrator()
    given.team("payments", members=["tom"])
    given.team("idle", members=["tom"])
    given.integration("orders", by="root")
    listed = {item.key: item for item in plan(given).items}
    assert (listed["team:payments"].roles, listed["team:payments"].binds) == (("last-member",), True)
    assert listed["membership:idle"].binds is False  # it owns nothing
    with pytest.raises(StillHolding, match="1 team"):
        reassignment.deactivate_idle(username="tom", actor=SYSTEM, now=given.now)
    given.person("sam")
    with pytest.raises(InvalidReassignment):
        leave(given, **{"team:payments": None})
    leave(given)
    taken = Membership.objects.get(team__slug="payments", user__username="sam")
    assert taken.is_lead is False
    assert not standing_of(Integration.objects.get(slug="orders").pk).is_orphan


def test_the_last_person_above_a_team_holds_what_lies_below_and_a_colleague_or_an_end_sets_them_free(given):
    given.administrator()
    top = given.team("finance", members=["tom"])
    below = given.team("payments", parent=top)
    given.person("robot", kind="service")
    given.team("finance", members=["robot"])
    flow = given.integration("orders", by="root", team=below)

    def last():
        return [item.key for item in plan(given).binding]

    assert last() == ["team:finance"]  # a machine in the team answers for nothing
    given.at_stage(flow, "retired")
    assert last() == []
    given.at_stage(flow, "live")
    given.team("payments", members=["sam"])
    assert last() == []
    given.deactivated("sam")
    assert last() == ["team:finance"]


def test_what_the_viewer_may_not_see_is_counted_and_not_named_and_the_token_is_the_same(given, leaver):
    Integration.objects.filter(slug="returns").update(team=given.team("elsewhere"))
    own, all_of_it = plan(given, "tom"), plan(given)
    assert (own.hidden, all_of_it.hidden) == (2, 0)
    assert "returns" not in {item.name for item in own.shown}
    assert (own.token, own.counts) == (all_of_it.token, all_of_it.counts)
    with pytest.raises(AdministratorsOnly):
        plan(given, "ann")


def test_everything_goes_to_the_default_or_who_was_named_instead_and_then_the_account_is_off(given, leaver):
    leave(given, **{"integration:returns": "nora-x", "board:change-board": None} if given.person("nora-x") else {})
    orders, returns = Integration.objects.get(slug="orders-to-erp"), Integration.objects.get(slug="returns")
    assert orders.technical_owner == given.person("sam")
    assert (returns.on_call, returns.co_owners) == (given.person("nora-x"), [given.person("nora-x").pk, given.person("ann").pk])
    assert Membership.objects.get(team__slug="payments", user__username="sam").is_lead
    assert not Membership.objects.get(team__slug="payments", user__username="tom").is_lead
    assert not BoardMember.objects.filter(user__username__in=["tom", "sam"]).exists()
    assert not User.objects.get(username="tom").is_active
    assert given.events(returns)[-1] == "catalog.integration.updated"
    assert (orders.version, returns.version) == (2, 2)  # one version, one event each
    assert given.facts(given.person("tom"), "governance.reassignment.applied")["integrations"] == "2"
    assert given.told("reassignment") == ["nora-x", "sam"]
    assert [str(found) for found in findings()] == []


def test_a_plan_that_something_was_added_to_is_stale(given, leaver):
    token = plan(given).token
    given.owned(given.integration("late", by="tom"), business_owner="tom")
    with pytest.raises(PlanStale):
        leave(given, token)
    assert User.objects.get(username="tom").is_active


@pytest.mark.parametrize("successor", ["tom", "gone", "robot", "no-such-person"])
def test_only_an_active_person_other_than_the_leaver_takes_over(given, leaver, successor):
    given.person("gone")
    given.deactivated("gone")
    given.person("robot", kind="service")
    with pytest.raises(InvalidReassignment) as refused:
        leave(given, default=successor)
    assert refused.value.errors[0].code == "unknown-user"


def test_when_one_part_fails_nothing_has_happened(given, leaver):
    """Tom is the last administrator: the last step refuses, and every handover before it is undone."""
    given.person("tom", roles_held=["administrator"])
    User.objects.filter(username="root").update(is_active=False)
    with pytest.raises(LastAdministrator):
        reassignment.deactivate(username="tom", token=plan(given).token, default="sam", overrides={}, **given.by("root"))
    assert Integration.objects.get(slug="orders-to-erp").technical_owner == given.person("tom")


def test_patching_somebody_inactive_is_refused_while_something_depends_on_them_and_goes_through_otherwise(given, leaver):
    given.now = db_now()
    api = given.api("root")
    version = User.objects.get(username="tom").version
    refused = api.patch("/users/tom", {"is_active": False}, if_match=version)
    assert (refused.status_code, refused.json()["code"]) == (409, "still-holding")
    assert refused.json()["held"]["integration"] == 2
    where = refused.json()["plan"]
    assert where == "/api/v1/users/tom/reassignment-plan"
    shown = api.post(where.removeprefix("/api/v1")).json()
    assert shown["hidden"] == 0
    stale = api.post("/users/tom/deactivate", {"token": "sha256:old", "reassign": {"default": "sam"}})
    assert (stale.status_code, stale.json()["code"]) == (409, "reassignment-plan-stale")
    nobody = api.post("/users/tom/deactivate", {"token": shown["token"]})
    assert (nobody.status_code, nobody.json()["errors"][0]["pointer"]) == (422, "/reassign/default")
    done = api.post(
        "/users/tom/deactivate", {"token": shown["token"], "reassign": {"default": "sam", "overrides": {"team:payments": None}}}
    )
    assert done.status_code == 200, done.content
    assert api.get("/users/tom").json()["is_active"] is False
    assert api.patch("/users/sam", {"is_active": False}, if_match=given.person("sam").version).status_code == 409
    given.person("plain")
    assert api.patch("/users/plain", {"is_active": False}, if_match=1).status_code == 200


def test_reading_the_plan_takes_as_many_queries_for_many_items(given, leaver, django_assert_num_queries):
    viewer = given.viewer("root")
    user = given.person("tom")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        reassignment.plan_of(user, viewer)
    for n in range(4):
        given.owned(given.integration(f"more-{n}", by="tom"), technical_owner="tom")
    with django_assert_num_queries(len(few)):
        reassignment.plan_of(user, viewer)
