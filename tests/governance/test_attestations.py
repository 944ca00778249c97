"""What owners say: a clock for "it is right", an edit for "it is not", and an orphan when the last one says "not mine"."""

from datetime import timedelta

import pytest

from accounts.domain.errors import Invalid
from catalog.domain.errors import IntegrationMissing, NotAnOwner
from catalog.models import Integration
from config.integrity import findings
from foundation.clock import db_now
from foundation.conditional import VersionMoved
from governance.domain.errors import CampaignClosed, InvalidAnswer, InvalidCampaign, NotAllowed, NotAsked
from governance.models import Attestation, Campaign, Notification
from governance.selectors import stewardship
from governance.services import attestations, campaigns


@pytest.fixture
def orders(given):
    given.administrator()
    given.team("payments", members=["olga"])
    return given.owned(given.integration("orders", by="olga"), technical_owner="tom")


def attest(given, who="olga", integration="orders", answer="confirm", **more):
    return attestations.attest(integration=integration, answer=answer, **more, **given.by(who))


def test_confirming_moves_the_clock_and_nothing_else(given, orders):
    before = Integration.objects.get(pk=orders.pk)
    given.later(days=3)
    after = attest(given)
    assert after.attested_at == given.now
    assert (after.version, after.changed_at) == (before.version, before.changed_at)
    assert given.facts(orders, "catalog.integration.attested")["answer"] == "confirm"
    assert Integration.history.filter(id=orders.pk).count() == 1


def test_correcting_is_an_edit_of_the_version_that_was_read(given, orders):
    with pytest.raises(VersionMoved):
        attest(given, answer="correct", changes={"title": "Orders, all of them"}, version=7)
    after = attest(given, answer="correct", changes={"title": "Orders, all of them"}, version=1)
    assert (after.title, after.version, after.attested_at) == ("Orders, all of them", 2, given.now)
    assert [str(each) for each in findings()] == []


def test_disowning_clears_every_role_of_the_person_and_may_leave_an_orphan_that_escalates(given, orders):
    given.owned(orders, technical_owner="tom", business_owner="tom", on_call="olga", co_owners=["tom"])
    given.empty_team("payments")
    after = attest(given, "tom", answer="disown", note="I left that team.")
    assert (after.technical_owner, after.business_owner, after.co_owners, after.version) == (None, None, [], 2)
    assert after.attested_at is None
    assert [str(each) for each in findings()] == []
    assert given.escalated() == 0  # olga is still on call for it
    attest(given, "olga", answer="disown")
    assert given.escalated() == 2
    assert given.told("escalation") == ["root"]


@pytest.mark.parametrize(
    ("answer", "more", "pointers"),
    [
        ("correct", {}, ["/changes", "/version"]),
        ("correct", {"changes": {"title": "x"}}, ["/version"]),
        ("confirm", {"changes": {"title": "x"}}, ["/changes"]),
    ],
)
def test_an_answer_says_what_belongs_to_it(given, orders, answer, more, pointers):
    with pytest.raises(InvalidAnswer) as refused:
        attest(given, answer=answer, **more)
    assert [fault.pointer for fault in refused.value.errors] == pointers


def test_who_may_speak(given, orders):
    given.person("eve")
    for who in ("olga", "tom", "root"):
        assert attest(given, who).attested_at == given.now
    with pytest.raises(NotAnOwner):
        attest(given, "eve")
    with pytest.raises(InvalidAnswer):
        attest(given, "olga", answer="disown")  # holds no role: there is nothing to give up
    Integration.objects.update(visibility="restricted")
    with pytest.raises(IntegrationMissing):
        attest(given, "eve")


def test_a_secret_in_the_note_is_refused(given, orders):
    with pytest.raises(Invalid):
        attest(given, note="ghp_" + "cAn4ryCan4rYcaN4ryCaN4ryC4nARyc4naRy")


def test_a_campaign_asks_owners_once_however_many_they_own_and_counts_their_answers(given, orders):
    given.owned(given.integration("returns", by="olga"), technical_owner="tom")
    given.owned(given.integration("stock", by="olga"))
    campaign = given.campaign()
    assert Notification.objects.filter(key=f"campaign:{campaign.pk}").count() == 2  # tom for two, the team for the third
    assert given.told("attestation") == ["olga", "tom"]
    assert {row.integration.slug for row in stewardship.asked_of(given.viewer("tom"))} == {"orders", "returns"}
    assert {row.integration.slug for row in stewardship.asked_of(given.viewer("olga"))} == {"orders", "returns", "stock"}
    attest(given, "tom", campaign_id=campaign.pk)
    attest(given, "tom", "returns", answer="disown", campaign_id=campaign.pk)
    found = stewardship.progress_of([campaign.pk], given.viewer("root"))[campaign.pk]
    assert (found.asked, found.confirmed, found.disowned, found.answered, found.percent) == (3, 1, 1, 2, 66)
    with pytest.raises(NotAsked):
        attest(given, "tom", campaign_id=campaign.pk)


def test_an_answer_without_a_campaign_answers_every_open_one(given, orders):
    first, second = given.campaign(title="First"), given.campaign(title="Second")
    attest(given)
    assert set(Attestation.objects.exclude(answer="").values_list("campaign_id", flat=True)) == {first.pk, second.pk}


def test_the_query_of_a_campaign_is_a_filter_of_the_list(given, orders):
    given.integration("other", tier=1, by="olga")
    assert [row.integration.slug for row in given.campaign("tier=1").attestations.all()] == ["other"]
    assert given.campaign("?team=payments&tier=1,2").attestations.count() == 2
    for query in ("tier=9", "zzz=1", "limit=1", "tier=high", "cursor=x"):
        with pytest.raises(InvalidCampaign) as refused:
            given.campaign(query)
        assert refused.value.errors[0].pointer == "/query"


def test_only_administrators_open_and_close_campaigns(given, orders):
    with pytest.raises(NotAllowed):
        given.campaign(by="olga")
    campaign = given.campaign()
    with pytest.raises(NotAllowed):
        campaigns.close_campaign(campaign_id=campaign.pk, **given.by("olga"))
    campaigns.close_campaign(campaign_id=campaign.pk, **given.by("root"))
    assert Campaign.objects.get().state == "closed"
    assert given.events(campaign) == ["governance.campaign.opened", "governance.campaign.closed"]
    with pytest.raises(CampaignClosed):
        campaigns.close_campaign(campaign_id=campaign.pk, **given.by("root"))
    with pytest.raises(InvalidCampaign):
        given.campaign(days=0)


def test_one_failing_row_of_many_does_not_touch_the_others(given, orders):
    given.integration("returns", by="olga")
    given.team("other", members=["zed"])
    given.integration("secret", team="other", visibility="restricted")
    answers = [
        {"integration": "orders", "answer": "confirm"},
        {"integration": "secret", "answer": "confirm"},
        {"integration": "no-such", "answer": "confirm"},
        {"integration": "returns", "answer": "correct", "changes": {"tier": 1}, "version": 9},
        {"integration": "returns", "answer": "correct", "changes": {"technical_owner": "nobody-here"}, "version": 1},
        {"integration": "returns", "answer": "correct", "changes": {"tier": 1}, "version": 1},
    ]
    given.now = db_now()
    answer = given.api("olga").post("/attestations/bulk", {"answers": answers})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["taken"], body["refused"]) == (2, 4)
    assert [row["status"] for row in body["results"]] == ["taken", "refused", "refused", "refused", "refused", "taken"]
    assert [row["code"] for row in body["results"]][1:5] == ["integration-missing"] * 2 + ["version-moved", "invalid"]
    hidden, missing = ({**row, "integration": ""} for row in body["results"][1:3])
    assert hidden == missing
    assert body["results"][4]["errors"][0]["pointer"] == "/technical_owner"
    assert Integration.objects.get(slug="returns").tier == 1
    assert [str(each) for each in findings()] == []


def test_lists_over_http_show_only_what_the_viewer_sees(given, orders):
    given.team("other", members=["zed"])
    given.owned(given.integration("secret", team="other", visibility="restricted"), technical_owner="zed")
    given.now = db_now()
    campaign = given.campaign()
    given.person("eve")
    path = f"/campaigns/{campaign.pk}"
    assert given.api("eve").get(path).json()["progress"]["asked"] == 1
    assert given.api("zed").get(path).json()["progress"]["asked"] == 2
    assert [row["integration"] for row in given.api("eve").get(f"{path}/attestations").json()["results"]] == ["orders"]
    assert [row["integration"] for row in given.api("zed").get("/attestations").json()["results"]] == ["secret"]
    assert given.api("eve").get("/attestations").json()["results"] == []
    given.api("zed").post("/integrations/secret/attest", {"answer": "confirm"})
    assert given.api("eve").get(f"{path}/attestations?unanswered=true").json()["results"][0]["integration"] == "orders"


def test_gaps_and_owners_over_http(given, orders):
    given.team("empty")
    given.integration("lost", team="empty", tier=1)
    given.now = db_now()
    api = given.api("olga")
    rows = {row["slug"]: row for row in api.get("/ownership-gaps").json()["results"]}
    assert (rows["orders"]["is_orphan"], rows["orders"]["missing"]) == (False, ["business-owner"])
    assert (rows["lost"]["is_orphan"], len(rows["lost"]["missing"])) == (True, 5)
    assert [row["slug"] for row in api.get("/ownership-gaps?orphan=true&count=true").json()["results"]] == ["lost"]
    shown = api.get("/integrations/orders/owners").json()
    assert shown["owners"] == [{"role": "technical-owner", "username": "tom", "display_name": "Tom", "answers": True}]
    assert (shown["team_members"], shown["missing"], shown["is_orphan"]) == (1, ["business-owner"], False)


def test_escalations_over_http(given, orders):
    given.team("empty")
    given.integration("lost", team="empty", visibility="restricted")
    given.escalated()
    given.now = db_now()
    given.person("eve")
    assert given.api("eve").get("/escalations").json()["results"] == []
    shown = given.api("root").get("/escalations?kind=orphan&open=true").json()["results"]
    assert [(row["integration"], row["step"]) for row in shown] == [("lost", 1)]


def test_what_is_asked_of_somebody_takes_a_fixed_number_of_queries(given, orders, django_assert_num_queries):
    for n in range(3):
        given.integration(f"more-{n}", by="olga")
    given.campaign()
    viewer = given.viewer("olga")
    with django_assert_num_queries(2):  # what is at an end of its lifecycle is asked for first
        assert len([(row.integration.team.slug, row.campaign.title) for row in stewardship.asked_of(viewer)]) == 4


def test_overdue_follows_the_tier(given, orders):
    from catalog.domain.ownership import DEFAULTS

    viewer = given.viewer("olga")
    due = given.now + timedelta(days=DEFAULTS[2].attest_every_days)
    assert not stewardship.overdue_for(viewer, DEFAULTS, due - timedelta(seconds=1)).exists()
    assert stewardship.overdue_for(viewer, DEFAULTS, due).exists()
