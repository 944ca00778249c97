"""One visibility rule, two hundred worlds: list, detail, search, suggestions, facets and pages by cursor agree in every one.

A new way of looking (an export, a graph) adds a line to `WAYS`: a function of an API client that returns the slugs it shows.
"""

import csv
import io
import random
from collections import Counter

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.selectors import viewers
from catalog.domain.errors import IntegrationMissing
from catalog.models import Integration
from catalog.selectors import finding, integrations
from catalog.selectors.facets import COLUMNS
from catalog.selectors.nearby import nearby
from catalog.selectors.visibility import scopes_of
from catalog.services.search import refresh_stale
from foundation.scopes import rows_in
from tests.given import NOON
from tests.given.people import Api
from tests.given.worlds import people_of_worlds, random_world

pytestmark = pytest.mark.django_db
CHUNKS, WORLDS_EACH = 4, 50
NAMES = ("ann", "bob", "cem", "dia", "eve", "aud", "root")


def slugs(answer):
    assert answer.status_code == 200, answer.content[:300]
    return sorted(row["slug"] for row in answer.json()["results"])


def by_pages(api):
    """All pages by their cursors."""
    found, cursor = [], {}
    while True:
        page = api.get("/integrations", limit=3, sort="-tier", **cursor).json()
        found += [row["slug"] for row in page["results"]]
        if page["next"] is None:
            return sorted(found)
        cursor = {"cursor": page["next"]}


def suggested(api):
    found = api.get("/search/suggestions", q="needle").json()["results"]
    return [each["value"] for each in found if each["kind"] == "integration"]


def exported(api):
    answer = api.get("/integrations/export")
    lines = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
    return sorted(line["slug"] for line in lines)


def mapped(api, system):
    """The integrations that the map shows one step from the system."""
    nodes = api.get("/graph", node=f"system:{system}", limit=10_000).json()["nodes"]
    return sorted(node["slug"] for node in nodes if node["kind"] == "integration" and node["distance"] == 1 and not node["is_hidden"])


WAYS = {
    "list": lambda api: slugs(api.get("/integrations", limit=200)),
    "search": lambda api: slugs(api.get("/integrations", q="needle", limit=200)),
    "pages": by_pages,
    "export": exported,
}


@pytest.fixture
def people(given):
    users = people_of_worlds(NOON)
    return users, {name: Api(given.token(users[name])) for name in NAMES}


def detail_agrees(world, viewer, visible):
    for slug in world.seers:
        try:
            assert integrations.get_visible(slug, viewer).slug in visible
        except IntegrationMissing:
            assert slug not in visible


def facets_agree(world, api, visible):
    told = api.get("/integrations/facets").json()
    assert told["count"] == len(visible)
    rows = [row for row in world.integrations if row.slug in visible]
    for name in ("team", "stage", "tier", "type", "visibility", "calls_ai"):
        values = told["facets"][name]["values"]
        assert sum(value["count"] for value in values) + told["facets"][name]["other"]["count"] == len(visible), name
    expected = Counter(tag for row in rows for tag in row.tags)
    assert {value["value"]: value["count"] for value in told["facets"]["tag"]["values"]} == expected
    pairs = {(end.system.slug, end.integration.slug) for end in world.ends if end.integration.slug in visible}
    expected = Counter(system for system, _ in pairs)
    assert {value["value"]: value["count"] for value in told["facets"]["system"]["values"]} == expected
    return told


def every_way_agrees(world, name, api, user):
    visible = world.seen_by(name)
    for way, look in WAYS.items():
        assert look(api) == visible, way
    assert suggested(api) == visible[:5]
    system = world.dice.choice(world.ends).system.slug if world.ends else None
    if system is not None:
        joined = {end.integration.slug for end in world.ends if end.system.slug == system}
        assert mapped(api, system) == sorted(joined & set(visible))
    facets_agree(world, api, visible)
    detail_agrees(world, viewers.viewer_of(user), visible)
    hidden = [slug for slug in world.seers if slug not in visible]
    for slug, status in ((visible[:1], 200), (hidden[:1], 404)):
        tail = world.dice.choice(["", "/history", "/releases", "/documents"])
        assert [api.get(f"/integrations/{each}{tail}").status_code for each in slug] == [status for _ in slug]
    fields = {name for end in world.ends if end.integration.slug in visible for name in end.carried if name.startswith("customer.")}
    told = api.get("/search/suggestions", q="customer.").json()["results"]
    assert {each["value"] for each in told if each["kind"] == "field"} == set(sorted(fields)[:5])


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_way_of_looking_agrees_in_every_world(people, chunk):
    users, apis = people
    for seed in range(chunk * WORLDS_EACH, (chunk + 1) * WORLDS_EACH):
        with transaction.atomic():
            world = random_world(seed, users, NOON)
            for name in (NAMES[seed % 5], *([NAMES[-1 - seed % 2]] if seed % 5 == 0 else [])):
                every_way_agrees(world, name, apis[name], users[name])
            transaction.set_rollback(True)


FILTERS = {
    "team": lambda value, row, ends: row.team.slug == value,
    "stage": lambda value, row, ends: row.stage == value,
    "tier": lambda value, row, ends: str(row.tier) == value,
    "calls_ai": lambda value, row, ends: str(bool(row.ai_use)).lower() == value,
    "tag": lambda value, row, ends: value in row.tags,
    "system": lambda value, row, ends: {end.pk for end in ends if end.system.slug == value},
    "data_object": lambda value, row, ends: {end.pk for end in ends if end.data_object and end.data_object.slug == value},
    "role": lambda value, row, ends: {end.pk for end in ends if end.role == value},
    "carries": lambda value, row, ends: {end.pk for end in ends if value in end.carried},
    "classification": lambda value, row, ends: {end.pk for end in ends if end.data_object and end.data_object.classification == value},
    "personal_category": lambda value, row, ends: {
        end.pk for end in ends if end.data_object and value in end.data_object.personal_categories
    },
    "owner": lambda value, row, ends: (value in {"bob"} and row.technical_owner_id is not None) or (value == "eve" and bool(row.co_owners)),
    "domain": lambda value, row, ends: {end.pk for end in ends if value in areas(end)},
}
VALUES = {
    "team": ["t0", "T1", "t2"],
    "stage": ["live", "custom", "none"],
    "tier": ["1", "2"],
    "calls_ai": ["true", "false"],
    "tag": ["blue", "red"],
    "system": ["sys0", "SYS1", "nowhere"],
    "data_object": ["customer", "order"],
    "role": ["source", "target"],
    "carries": ["customer.email", "email", "order.grosse"],
    "classification": ["restricted", "internal"],
    "personal_category": ["contact"],
    "owner": ["bob", "eve", "ann"],
    "domain": ["top", "sub"],
}
ON_ENDS = {"system", "data_object", "role", "carries", "classification", "personal_category", "domain"}


def areas(end):
    """The domains an end lies in, with those above."""
    found = {one.domain for one in (end.system, end.data_object) if one and one.domain}
    return {area.slug for domain in found for area in (domain, domain.parent) if area}


def matches(asked, row, ends):
    """By hand: all filters on the row, and one end for all that are on ends."""
    folded = {name: value.lower() for name, value in asked.items()}
    if not all(FILTERS[name](value, row, ends) for name, value in folded.items() if name not in ON_ENDS):
        return False
    sets = [FILTERS[name](value, row, ends) for name, value in folded.items() if name in ON_ENDS]
    return not sets or bool(set.intersection(*sets))


def test_filters_find_what_they_say_and_facets_count_what_a_click_finds(people):
    users, apis = people
    for seed in range(1000, 1030):
        with transaction.atomic():
            world = random_world(seed, users, NOON, size=12)
            dice, name = random.Random(seed), NAMES[seed % 7]
            asked = {key: dice.choice(VALUES[key]) for key in dice.sample(sorted(FILTERS), dice.choice([1, 1, 2, 3]))}
            rows = [row for row in world.integrations if name in world.seers[row.slug]]
            expected = sorted(row.slug for row in rows if matches(asked, row, [end for end in world.ends if end.integration is row]))
            assert slugs(apis[name].get("/integrations", **asked)) == expected, asked
            told = apis[name].get("/integrations/facets", **asked).json()
            assert told["count"] == len(expected)
            for facet, counted in told["facets"].items():
                for value in counted["values"]:
                    if facet in asked and asked[facet].lower() != value["value"]:
                        continue
                    found = apis[name].get("/integrations", **{**asked, facet: value["value"]})
                    assert len(slugs(found)) == value["count"], (asked, facet, value)
            transaction.set_rollback(True)


def test_the_parts_of_the_rule_are_the_rule_and_disjoint(people):
    users, _ = people
    for seed in range(2000, 2020):
        with transaction.atomic():
            world = random_world(seed, users, NOON)
            for name in NAMES:
                viewer = viewers.viewer_of(users[name])
                plan, scopes = Integration.objects.filter(tombstoned_at__isnull=True), scopes_of(viewer, ["tier"])
                parts = [row.pk for row in rows_in(plan, scopes, columns=["pk", "tier"], order=["tier", "pk"], limit=100)]
                assert sorted(parts) == sorted(Integration.objects.visible_to(viewer).values_list("pk", flat=True))
                assert len(parts) == len(set(parts)) == len(world.seen_by(name))
            transaction.set_rollback(True)


@pytest.mark.parametrize("sort", ["slug", "-slug", "tier", "-changed_at", "relevance"])
def test_cursors_survive_what_happens_between_pages(people, sort):
    """Rows come, go and are renamed while somebody reads on: none is told twice, none that stays where it was is left out."""
    users, apis = people
    for seed in range(3000, 3008):
        with transaction.atomic():
            world = random_world(seed, users, NOON, size=20)
            seen, staying = read_with_disturbance(world, apis["ann"], sort)
            assert len(seen) == len(set(seen)), "told twice"
            assert staying <= set(seen), "left out"
            transaction.set_rollback(True)


def read_with_disturbance(world, api, sort):
    query = {"limit": 3, "sort": sort, **({"q": "needle"} if sort == "relevance" else {})}
    staying = {str(row.pk) for row in world.integrations if "ann" in world.seers[row.slug]}
    seen, page, made = [], None, 0
    while page is None or page["next"]:
        cursor = {"cursor": page["next"]} if page else {}
        page = api.get("/integrations", **query, **cursor).json()
        ids = dict(Integration.objects.filter(slug__in=[row["slug"] for row in page["results"]]).values_list("slug", "pk"))
        seen += [str(ids[row["slug"]]) for row in page["results"]]
        victim = world.dice.choice(world.integrations)
        made += 1
        if world.dice.random() < 0.4:
            Integration.objects.filter(pk=victim.pk).update(tombstoned_at=NOON)
            staying.discard(str(victim.pk))
        elif str(victim.pk) not in seen and world.dice.random() < 0.5:  # a row already told that moves ahead would be a new place
            slug = f"{world.dice.choice('az')}-renamed-{made}"
            Integration.objects.filter(pk=victim.pk).update(slug=slug, slug_key=slug)
            staying.discard(str(victim.pk))
        else:
            slug = f"{world.dice.choice('amz')}-new-{made}"
            new = {"team": victim.team, "title": "Needle", "search_text": "needle", "created_at": NOON, "changed_at": NOON}
            Integration.objects.create(slug=slug, slug_key=slug, type="flow", tier=made % 3 + 1, **new)
    return seen, staying


def test_statements_do_not_grow_with_the_page(people):
    users, apis = people
    random_world(1, users, NOON, size=40)
    apis["ann"].get("/integrations")  # that the token was used is noted once
    for path, query in (("", {}), ("", {"q": "needle"}), ("/facets", {}), ("", {"system": "sys1", "sort": "-changed_at", "count": "true"})):
        taken = set()
        for number in (1, 3):
            more = {"tier__gte": number} if path else {"limit": number * 10}
            with CaptureQueriesContext(connection) as told:
                assert apis["ann"].get(f"/integrations{path}", **more, **query).status_code == 200
            taken.add(len(told))
        assert len(taken) == 1, path
        assert max(taken) <= (13 if path else 6), (path, query, taken)


def test_an_alias_of_a_system_finds_what_the_system_does(given):
    given.integration("orders")
    from catalog.domain.vocabulary import EntityKind
    from catalog.models import System
    from catalog.services import names

    erp = System.objects.get(slug="erp")
    erp.slug = erp.slug_key = "sap"
    erp.save()
    names.pass_on(EntityKind.SYSTEM, erp, now=NOON)
    for name in ("erp", "sap"):
        assert slugs(given.api("ann").get("/integrations", system=name)) == ["orders"]


def test_relevance_puts_names_first_and_documents_last(given):
    given.integration("zz-invoice")
    given.integration("invoice", title="Plain")
    given.integration("a-purpose", purpose="Sends every invoice.")
    given.integration("b-tagged", tags=["invoice"])
    given.integration("c-documented")
    body = {"body": "How an Invoïce is checked.\n\nThen paid."}
    assert given.api("root").put("/integrations/c-documented/documents/overview", body).status_code == 201
    api = given.api("ann")
    found = api.get("/integrations", q="invoice").json()["results"]
    assert [(row["slug"], row["relevance"]) for row in found] == [
        ("invoice", 4), ("zz-invoice", 3), ("b-tagged", 2), ("a-purpose", 1), ("c-documented", 0),
    ]  # fmt: skip
    marked = {row["slug"]: row["highlights"] for row in found}
    assert {"text": "invoice", "is_hit": True} in marked["a-purpose"]["purpose"]
    assert marked["b-tagged"]["tags"] == [{"text": "invoice", "is_hit": True}]
    assert [piece["text"] for piece in marked["c-documented"]["documents"] if piece["is_hit"]] == ["Invoïce"]
    assert api.get("/integrations", q="invoice", fields="slug,relevance", limit=1).json()["results"] == [
        {"slug": "invoice", "relevance": 4}
    ]
    assert "highlights" not in api.get("/integrations").json()["results"][0]


def test_a_hit_is_text_and_never_markup(given):
    given.integration("x", title="<img src=x onerror=alert(1)> needle")
    pieces = given.api("ann").get("/integrations", q="needle").json()["results"][0]["highlights"]["title"]
    assert pieces == [{"text": "<img src=x onerror=alert(1)> ", "is_hit": False}, {"text": "needle", "is_hit": True}]


def test_who_carries_a_field_is_answered_from_the_search_box(given):
    given.data_object("customer")
    given.integration("crm-sync", endpoints=[
        {"system": given.system("crm").slug, "data_object": "customer", "role": "source", "operation": "read", "fields_touched": ["Email"]},
    ])  # fmt: skip
    given.integration("orders")
    api = given.api("ann")
    for query in ({"carries": "customer.email"}, {"q": "carries:Customer.Email"}, {"q": "crm carries:email"}, {"q": "email"}):
        assert slugs(api.get("/integrations", **query)) == ["crm-sync"], query
    assert slugs(api.get("/integrations", q="orders carries:email")) == []
    for name in ("customer", "customer.*", "customer.e*", "*.email", "em*", "Custom*"):
        assert slugs(api.get("/integrations", carries=name)) == ["crm-sync"], name
    for name in ("customer.x*", "customer_e*", "custome", "orders.email", "orders.e*"):
        assert slugs(api.get("/integrations", carries=name)) == [], name
    assert slugs(api.get("/integrations", carries="orders,email")) == ["crm-sync", "orders"]
    told = api.get("/search/suggestions", q="customer.e").json()["results"]
    assert {"kind": "field", "value": "customer.email", "label": "customer.email", "filter": "carries"} in told


@pytest.mark.parametrize(
    "query",
    [
        "facets=nonsense",
        "q=",
        "sort=relevance",
        "tier=x",
        "changed_at__gte=1",
        "calls_ai=1",
        "unknown=1",
        "carries=*",
        "carries=e*",
        "carries=a*b",
        "q=erp+-system:shop",
        "cursor=x&facets=tier",
    ],
)
def test_what_cannot_be_read_is_refused(given, query):
    path = "/integrations/facets" if "facets" in query else "/integrations"
    assert given.api("ann").get(f"{path}?{query}").status_code == 400


def test_columns_are_the_single_valued_facets(given):
    told = given.api("ann").get("/integrations/facets").json()["facets"]
    assert {name for name, facet in told.items() if not facet["is_multiple"]} == set(COLUMNS)
    assert list(given.api("ann").get("/integrations/facets", facets="tag,tier").json()["facets"]) == ["tier", "tag"]


def test_more_than_fifty_values_are_told_as_others(given):
    given.integration("many", tags=[f"tag-{n:02}" for n in range(50)])
    given.integration("more", tags=["tag-00", "x", "y"])
    tags = given.api("ann").get("/integrations/facets", facets="tag").json()["facets"]["tag"]
    assert len(tags["values"]) == 50
    assert tags["values"][0] == {"value": "tag-00", "label": "tag-00", "count": 2}
    assert tags["other"] == {"values": 2, "count": 2}


def test_the_list_is_defined_once():
    assert finding.FILTERS.search == "search_vector"


def test_what_joins_a_renamed_thing_is_found_by_its_new_name(given):
    given.integration("one", endpoints=[{**end, "fields_touched": ["total"]} for end in given.endpoints()])
    root = given.api(given.administrator("root"))
    root.post("/systems/erp/rename", {"slug": "hana"}, if_match=1)
    root.patch("/data-objects/orders", {"title": "Purchases"}, if_match=1)
    root.post("/data-objects/orders/rename", {"slug": "purchases"}, if_match=2)
    assert refresh_stale() == 1
    assert refresh_stale() == 0
    for query in ({"q": "hana"}, {"q": "purchases"}, {"carries": "purchases.total"}):
        assert [row["slug"] for row in root.get("/integrations", **query).json()["results"]] == ["one"], query
    assert root.get("/integrations/one").json()["version"] == 1


def test_what_a_team_owns_is_found_by_the_teams_new_title(given):
    given.endpoints()
    root = given.api(given.administrator("root"))
    for slug, team in (("one", "payments"), ("two", "payments"), ("other", "shop")):
        given.team(team)
        given.integration(slug, team=team)
    root.patch("/teams/payments", {"title": "Cash desk", "contact": "#cash"}, if_match=1)
    root.patch("/teams/shop", {"contact": "#shop"}, if_match=1)
    assert refresh_stale() == 2, "another contact changes no words"
    assert [row["slug"] for row in root.get("/integrations", q="desk").json()["results"]] == ["one", "two"]
    assert root.get("/integrations/one").json()["version"] == 1


def test_a_search_that_finds_nothing_offers_what_would_and_only_of_what_is_seen(given):
    given.integration("orders-to-erp", title="Orders to the ERP")
    given.integration("order-salaries", team="people", visibility="restricted")
    ann, root = given.viewer("ann"), given.viewer(given.administrator("root"))

    def offered(viewer, **params):
        return [(dict(near.params), near.count, near.without) for near in nearby(params, viewer)]

    assert offered(ann, q="ordres") == [({"q": "orders"}, 1, "")]  # as the data object is called
    assert offered(ann, q="orderxyz") == [({"q": "order"}, 1, "")]
    assert offered(root, q="orderxyz") == [({"q": "order"}, 2, "")]
    assert offered(ann, q="salarie") == []
    assert offered(root, q="salaryx") == [({"q": "salar"}, 1, "")]
    assert offered(ann, q="orders nonsense") == [({"q": "orders"}, 1, "nonsense")]
    assert offered(ann, q="orders", stage="retired") == [({"q": "orders"}, 1, "stage:retired")]
    assert offered(ann, q='"no such phrase"') == []
    assert offered(ann, stage="retired") == []  # that everything is there needs no telling


def test_words_that_arrows_join_and_names_written_in_one_are_found(given):
    given.integration("order-sync", title="Order sync")
    given.integration("other", title="PIM to shop")
    api = given.api("ann")
    for typed, found in (("OrderSync", "order-sync"), ("PIM→Shop", "other"), ("PIM AND shop", "other"), ("shop NOT sync", "other")):
        assert slugs(api.get("/integrations", q=typed)) == [found], typed
    assert [row["relevance"] for row in api.get("/integrations", q="OrderSync").json()["results"]] == [4]
