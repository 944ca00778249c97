"""What is planned for an integration, and what it is called."""

import pytest

from accounts.domain.errors import Invalid, SlugTaken
from catalog.domain.errors import IntegrationMissing, NotYourIntegration
from catalog.models import Integration, Name, RoadmapItem
from catalog.selectors import integrations as selectors
from catalog.services.integrations import rename_integration, update_integration
from catalog.services.roadmap import add_item
from config.integrity import findings
from foundation.conditional import VersionMoved

pytestmark = pytest.mark.django_db


@pytest.fixture
def owned(given):
    given.team("payments", members=["bob"])
    return given.integration("orders-to-erp", by="bob")


def rename(given, slug, new, *, by="bob", version=None):
    return rename_integration(slug=slug, new=new, expected_version=version, **given.by(by))


def test_a_roadmap_is_kept_by_version_and_read_by_quarter(given, owned):
    api, path = given.api("bob"), "/integrations/orders-to-erp/roadmap"
    later = api.post(path, {"title": "Retire the old queue", "quarter": "2027-Q2"})
    sooner = api.post(path, {"title": "Fewer calls", "quarter": "2026-Q4", "state": "in-progress"})
    assert (later.status_code, sooner["ETag"]) == (201, '"1"')
    listed = api.get(path).json()["results"]
    assert [(one["quarter"], one["state"]) for one in listed] == [("2026-Q4", "in-progress"), ("2027-Q2", "planned")]
    one = f"{path}/{sooner.json()['id']}"
    assert api.patch(one, {"state": "done"}).status_code == 428
    assert api.patch(one, {"state": "done"}, if_match=1)["ETag"] == '"2"'
    assert api.patch(one, {"state": "dropped"}, if_match=1).status_code == 412
    assert [row["title"] for row in api.get(path, state="planned").json()["results"]] == ["Retire the old queue"]
    assert api.delete(one, if_match=2).status_code == 204
    assert (api.get(one).status_code, RoadmapItem.objects.count()) == (404, 1)
    assert RoadmapItem.history.filter(id=sooner.json()["id"]).count() == 3
    assert findings() == []


@pytest.mark.parametrize("quarter", ["2027", "2027-Q5", "2027-q1", "1999-Q1", "2027-Q1 "])
def test_a_quarter_is_a_quarter(given, owned, quarter):
    with pytest.raises(Invalid) as refused:
        add_item(integration="orders-to-erp", title="x", quarter=quarter, **given.by("bob"))
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [("/quarter", "quarter")]


def test_only_the_team_plans(given, owned):
    with pytest.raises(NotYourIntegration):
        add_item(integration="orders-to-erp", title="x", quarter="2027-Q1", **given.by("eve"))


def test_a_renamed_integration_answers_to_both_names_and_nobody_else_can_take_the_old_one(given, owned):
    rename(given, "orders-to-erp", "order-flow", version=1)
    for name in ("orders-to-erp", "ORDERS-to-erp", "order-flow"):
        found = selectors.detail_of(name, given.viewer("eve"))
        assert (found.slug, found.aliases, found.version) == ("order-flow", ["orders-to-erp"], 2)
    assert update_integration(slug="orders-to-erp", changes={"title": "x"}, expected_version=2, **given.by("bob")).slug == "order-flow"
    with pytest.raises(SlugTaken):
        given.integration("orders-to-erp", by="bob")
    assert given.events(owned)[:2] == ["catalog.integration.registered", "catalog.integration.renamed"]
    assert findings() == []


def test_an_old_name_can_become_the_name_again(given, owned):
    rename(given, "orders-to-erp", "order-flow")
    back = rename(given, "order-flow", "orders-to-erp")
    assert (back.slug, back.version, back.aliases) == ("orders-to-erp", 3, ["order-flow"])
    assert Name.objects.filter(entity_id=owned.id, is_current=True).count() == 1
    assert rename(given, "order-flow", "orders-to-erp").version == 3


def test_a_name_is_found_by_search_as_soon_as_it_is_given(given, owned):
    rename(given, "orders-to-erp", "zanzibar")
    api = given.api("eve")
    assert [row["slug"] for row in api.get("/integrations", q="zanzibar").json()["results"]] == ["zanzibar"]


def test_who_may_rename_and_what_is_refused(given, owned):
    given.integration("other", by="bob")
    given.integration("hidden", team="others", visibility="restricted")
    for who, slug, new, version, refusal in (
        ("eve", "orders-to-erp", "x", None, NotYourIntegration),
        ("bob", "hidden", "x", None, IntegrationMissing),
        ("bob", "orders-to-erp", "Other", None, SlugTaken),
        ("bob", "orders-to-erp", "no blanks", None, Invalid),
        ("bob", "orders-to-erp", "x", 7, VersionMoved),
    ):
        with pytest.raises(refusal):
            rename(given, slug, new, by=who, version=version)
    assert set(Integration.objects.values_list("slug", flat=True)) == {"orders-to-erp", "other", "hidden"}


def test_over_http_every_route_of_the_old_name_answers_with_the_new_one(given, owned):
    api = given.api("bob")
    renamed = api.post("/integrations/orders-to-erp/rename", {"slug": "order-flow"}, if_match=1)
    assert (renamed.status_code, renamed["ETag"], renamed.json()["aliases"]) == (200, '"2"', ["orders-to-erp"])
    for route in ("", "/history", "/grants", "/documents", "/releases", "/roadmap", "/relations"):
        old, new = (api.get(f"/integrations/{name}{route}") for name in ("orders-to-erp", "order-flow"))
        assert (old.status_code, old.content) == (200, new.content), route
    changes = api.get("/integrations/orders-to-erp/history").json()["results"][0]["changes"]
    assert changes == [{"field": "slug", "before": "orders-to-erp", "after": "order-flow"}]
