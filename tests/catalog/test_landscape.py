"""Domains in a tree, lists cut down to a domain, discovered things, and who keeps what."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections as databases

from accounts.domain.errors import AdministratorsOnly, Invalid, SlugTaken
from catalog.domain.errors import DomainCycle, NotYourEntry
from catalog.models import Domain
from catalog.selectors import domains as trees
from catalog.selectors import landscape as selectors
from catalog.services import domains, landscape
from foundation.clock import db_now
from foundation.errors import DomainError

pytestmark = pytest.mark.django_db


def moved(given, slug, parent):
    return domains.update_domain(slug=slug, changes={"parent": parent}, expected_version=None, **given.by("root"))


@pytest.fixture
def areas(given):
    """commerce > shop > checkout, and finance."""
    given.domain("commerce")
    given.domain("shop", parent="commerce")
    given.domain("checkout", parent="shop")
    given.domain("finance")
    return given


def told(branches):
    return {branch.domain.slug: told(branch.children) for branch in branches}


def test_a_domain_moves_with_all_that_lies_in_it(areas):
    moved(areas, "shop", "finance")
    assert told(trees.tree()) == {"commerce": {}, "finance": {"shop": {"checkout": {}}}}
    moved(areas, "shop", None)
    assert told(trees.tree()) == {"commerce": {}, "finance": {}, "shop": {"checkout": {}}}
    assert [(branch.domain.slug, branch.depth) for top in trees.tree() for branch in (top, *top.children)][-1] == ("checkout", 1)


@pytest.mark.parametrize("parent", ["commerce", "shop", "checkout"])
def test_a_domain_cannot_lie_in_itself(areas, parent):
    with pytest.raises(DomainCycle):
        moved(areas, "commerce", parent)
    assert told(trees.tree()) == {"commerce": {"shop": {"checkout": {}}}, "finance": {}}


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_never_close_a_circle(given):
    """With real threads: one into two while two goes into one; whoever is second is refused, and nobody waits for ever."""
    given.now = db_now()
    for slug in ("one", "two", "three"):
        given.domain(slug)
    by = given.by("root")
    moves = [("one", "two"), ("two", "three"), ("three", "one")] * 4
    gate = threading.Barrier(len(moves))

    def move(slug, parent):
        gate.wait()
        try:
            domains.update_domain(slug=slug, changes={"parent": parent}, expected_version=None, **by)
        except DomainError as error:
            return error.code
        finally:
            databases.close_all()
        return "moved"

    with ThreadPoolExecutor(len(moves)) as pool:
        answers = list(pool.map(move, *zip(*moves, strict=True)))
    assert set(answers) == {"moved", "domain-cycle"}
    parents = dict(Domain.objects.values_list("slug", "parent__slug"))
    assert sum(parent is None for parent in parents.values()) == 1, parents


def test_a_filter_by_domain_covers_the_domains_below_it(areas):
    for slug, domain in (("crm", "commerce"), ("web", "shop"), ("pay", "checkout"), ("ledger", "finance"), ("none", None)):
        areas.system(slug, domain=domain)
        areas.data_object(f"{slug}-data", domain=domain)
    api = areas.api("eve")

    def listed(kind, **query):
        answer = api.get(kind, count="true", **query).json()
        assert answer["count"] == len(answer["results"])
        return [row["slug"] for row in answer["results"]]

    assert listed("/systems", domain="commerce") == ["crm", "pay", "web"]
    assert listed("/systems", domain="SHOP") == ["pay", "web"]
    assert listed("/systems", domain="shop,finance") == ["ledger", "pay", "web"]
    assert listed("/systems", domain="nowhere") == []
    assert listed("/systems", has_no_domain="true") == ["none"]
    assert listed("/data-objects", domain="commerce") == ["crm-data", "pay-data", "web-data"]
    areas.later(minutes=1)
    root = areas.api("root")
    assert root.post("/domains/shop/rename", {"slug": "storefront"}, if_match=1).status_code == 200
    assert listed("/systems", domain="shop") == ["pay", "web"] == listed("/systems", domain="storefront")
    assert api.get("/systems/web").json()["domain"] == "storefront"


def test_lists_are_searched_by_words_anywhere_and_filtered(given):
    given.system("sap", title="SAP S/4HANA", vendor="SAP SE", kind="erp")
    given.system("shop", title="Web shop", description="Sells to people, not to 100% of them")
    api = given.api("eve")

    def found(q, **more):
        return [row["slug"] for row in api.get("/systems", q=q, **more).json()["results"]]

    assert found("hana") == ["sap"]
    assert found("s/4 sap") == ["sap"]
    assert found("PEOPLE shop") == ["shop"]
    assert found("hana shop") == []
    assert found("100%") == ["shop"]
    assert found("sap", kind="commerce") == []
    assert api.get("/systems", q=" ").status_code == 400


def test_a_discovered_system_is_kept_by_the_team_that_brought_it_until_it_is_confirmed(given):
    given.team("payments", members=["bob"])
    given.team("logistics", members=["eve"])
    system = landscape.discover_system(slug="api-stripe", title="api.stripe.com", kind="other", team="payments", **given.by("bob"))
    assert (system.is_discovered, system.team.slug) == (True, "payments")
    assert given.facts(system, "catalog.system.registered")["is_discovered"] is True
    bob, eve = given.api("bob"), given.api("eve")
    assert [row["slug"] for row in bob.get("/systems", is_discovered="true").json()["results"]] == ["api-stripe"]
    assert eve.patch("/systems/api-stripe", {"is_discovered": False}, if_match=1).json()["code"] == "not-your-entry"
    confirmed = bob.patch("/systems/api-stripe", {"is_discovered": False, "title": "Stripe"}, if_match=1)
    assert (confirmed.status_code, confirmed.json()["is_discovered"], confirmed.json()["version"]) == (200, False, 2)
    again = bob.patch("/systems/api-stripe", {"is_discovered": True}, if_match=2)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (422, "confirm-only")


def test_only_members_discover_on_behalf_of_a_team(given):
    given.team("payments", members=["bob"])
    by = given.by("eve")
    with pytest.raises(NotYourEntry):
        landscape.discover_system(slug="x", title="X", kind="other", team="payments", **by)
    with pytest.raises(NotYourEntry):
        landscape.discover_data_object(slug="x", title="X", team="payments", **by)
    with pytest.raises(Invalid):
        landscape.discover_system(slug="x", title="X", kind="other", team="nobody", **by)
    given.system("taken")
    with pytest.raises(SlugTaken):
        landscape.discover_system(slug="Taken", title="X", kind="other", team="payments", **given.by("bob"))


def test_a_data_object_is_kept_by_the_team_of_its_system_of_record_else_of_its_domain(given):
    given.team("payments", members=["bob"])
    given.team("logistics", members=["eve"])
    given.system("erp", team="payments")
    given.domain("supply", team="logistics")
    given.data_object("orders", system_of_record="erp", domain="supply")
    given.data_object("parcels", domain="supply")
    given.data_object("alone")

    def change(slug, who):
        by = given.by(who)
        return landscape.update_data_object(slug=slug, changes={"description": f"by {who}"}, expected_version=None, **by)

    assert change("orders", "bob").version == 2
    assert change("parcels", "eve").version == 2
    for slug, who, refusal in (("orders", "eve", NotYourEntry), ("parcels", "bob", NotYourEntry), ("alone", "bob", AdministratorsOnly)):
        with pytest.raises(refusal):
            change(slug, who)


def test_a_team_hands_its_system_over_only_to_a_team_it_is_in_and_never_to_nobody(given):
    given.team("payments", members=["bob"])
    given.team("logistics", members=["eve"])
    given.system("erp", team="payments")
    for team, refusal in (("logistics", NotYourEntry), (None, AdministratorsOnly)):
        with pytest.raises(refusal):
            landscape.update_system(slug="erp", changes={"team": team}, expected_version=None, **given.by("bob"))
    assert landscape.update_system(slug="erp", changes={"team": None}, expected_version=None, **given.by("root")).team is None


@pytest.mark.parametrize(
    "kind", ["environments", "domains", "systems", "data-objects", "components", "connection-templates", "connections"]
)
def test_every_kind_is_listed_shown_changed_and_renamed_in_one_way(given, kind):
    """The same shape in list and detail, ETag and If-Match, an alias after a rename, an event for every version."""
    made = {
        "environments": lambda: given.environment("staging"),
        "domains": lambda: given.domain("commerce"),
        "systems": lambda: given.system("erp"),
        "data-objects": lambda: given.data_object("orders"),
        "components": lambda: given.component("rounding"),
        "connection-templates": given.template,
        "connections": given.connection,
    }[kind]()
    api, noun = given.api("root"), kind.replace("-", "_").removesuffix("s")
    path = f"/{kind}/{made.slug}"
    assert api.post(f"{path}/rename", {"slug": "New-Name"}).status_code == 428
    assert api.post(f"{path}/rename", {"slug": "New-Name"}, if_match=9).json()["code"] == "version-moved"
    assert api.post(f"{path}/rename", {"slug": "not a slug"}, if_match=1).status_code == 422
    renamed = api.post(f"{path}/rename", {"slug": "New-Name"}, if_match=1)
    assert (renamed.status_code, renamed["ETag"]) == (200, '"2"'), renamed.content
    assert (renamed.json()["slug"], renamed.json()["aliases"]) == ("New-Name", [made.slug])
    assert api.get(path).json() == renamed.json() == api.get(f"/{kind}/new-name").json()
    assert renamed.json() in api.get(f"/{kind}").json()["results"]
    changed = api.patch(path, {"title": "Another title"}, if_match=2)
    assert (changed.status_code, changed["ETag"], changed.json()["title"]) == (200, '"3"', "Another title"), changed.content
    assert given.events(made) == [f"catalog.{noun}.{verb}" for verb in ("registered", "renamed", "updated")]
    assert api.patch(path, {"title": "ghp_" + "a" * 36}, if_match=3).json()["errors"][0]["code"] == "secret-github-token"


@pytest.mark.parametrize("kind", ["domains", "systems", "data-objects", "components", "connection-templates", "connections"])
def test_retired_things_say_so_and_deleted_ones_are_gone(given, kind):
    rows = {
        "domains": lambda: given.domain("one"),
        "systems": lambda: given.system("one"),
        "data-objects": lambda: given.data_object("one"),
        "components": lambda: given.component("one"),
        "connection-templates": lambda: given.template("one"),
        "connections": lambda: given.connection("one"),
    }
    row, api = rows[kind](), given.api("eve")
    model = type(row).objects.filter(pk=row.pk)
    model.update(retired_at=given.now)
    assert api.get(f"/{kind}/one").json()["is_retired"] is True
    assert [each["slug"] for each in api.get(f"/{kind}", is_retired="true").json()["results"]] == ["one"]
    assert "one" not in [each["slug"] for each in api.get(f"/{kind}", is_retired="false").json()["results"]]
    model.update(tombstoned_at=given.now)
    assert api.get(f"/{kind}/one").status_code == 404
    assert "one" not in [each["slug"] for each in api.get(f"/{kind}").json()["results"]]
    assert selectors.systems_by_slugs(["one"]) == {}
