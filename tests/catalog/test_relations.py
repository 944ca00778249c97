"""Typed relations: who may declare them, how they read from either side, and what of them others may know."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain.errors import AdministratorsOnly, Invalid
from catalog.domain.errors import IntegrationMissing, NotYourEntry, NotYourIntegration, RelationExists, RelationMissing
from catalog.domain.vocabulary import INVERSE, RelationType
from catalog.models import Relation
from catalog.selectors import relations as selectors
from catalog.services.relations import add_relation, remove_relation

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(given):
    """`orders` of payments (bob), open; `salaries` of people (ann), restricted."""
    given.team("payments", members=["bob"])
    given.team("people", members=["ann"])
    given.integration("salaries", team="people", visibility="restricted")
    return given.integration("orders", team="payments")


def declare(given, who, source, name, target, **more):
    kinds = [end.split(":") if ":" in end else ["integration", end] for end in (source, target)]
    (source_kind, source), (target_kind, target) = kinds
    ends = {"source_kind": source_kind, "source": source, "target_kind": target_kind, "target": target}
    return add_relation(type=name, **ends, **more, **given.by(who))


def read(given, who, row):
    """[(name, other end)] of everything around `row` as the person sees it."""
    viewer = given.viewer(who)
    rows = [one for plan in selectors.relations_of([row.id], viewer) for one in plan]
    return sorted((one.name, one.entity or "?") for one in selectors.told(rows, viewer, of=row.id))


@pytest.mark.parametrize("name", list(RelationType))
def test_each_relation_has_a_name_from_either_side(given, pair, name):
    erp = given.system("erp")
    declare(given, "bob", "orders", name, "system:erp", note="nightly")
    assert read(given, "eve", pair) == [(name.value, "erp")]
    assert read(given, "eve", erp) == [(INVERSE[name], "orders")]


def test_what_an_invisible_integration_declares_is_absent_and_what_is_declared_towards_it_is_unnamed(given, pair):
    given.team("payments", members=["ann"])
    declare(given, "ann", "orders", "depends-on", "salaries")
    declare(given, "ann", "salaries", "feeds", "orders")
    erp = given.system("erp")
    declare(given, "ann", "salaries", "uses", "system:erp")
    assert read(given, "ann", pair) == [("depends-on", "salaries"), ("fed-by", "salaries")]
    assert read(given, "eve", pair) == [("depends-on", "?")]
    assert (read(given, "ann", erp), read(given, "eve", erp)) == ([("used-by", "salaries")], [])
    api = given.api("eve")
    assert "salaries" not in api.get("/relations").content.decode() + api.get("/integrations/orders/relations").content.decode()
    assert len(api.get("/relations").json()["results"]) == 1
    for relation in Relation.objects.filter(source_kind="integration").exclude(source_id=pair.id):
        with pytest.raises(RelationMissing):
            remove_relation(relation_id=relation.id, **given.by("eve"))


def test_both_ends_must_be_seen_and_the_source_be_yours(given, pair):
    hidden = {"source": "orders", "name": "depends-on", "target": "salaries"}
    missing = {**hidden, "target": "nowhere"}
    told = []
    for ends in (hidden, missing):
        with pytest.raises(Invalid) as refused:
            declare(given, "bob", **ends)
        told.append([(fault.pointer, fault.code, fault.detail) for fault in refused.value.errors])
    assert told[0] == told[1] == [("/entity", "unknown-entity", told[0][0][2])]
    with pytest.raises(IntegrationMissing):
        declare(given, "bob", "salaries", "feeds", "orders")
    with pytest.raises(NotYourIntegration):
        declare(given, "ann", "orders", "feeds", "salaries")


def test_the_landscape_is_related_by_who_keeps_it(given, pair):
    given.system("wms", team="payments")
    given.system("crm")
    given.data_object("stock", system_of_record="wms")
    declare(given, "bob", "system:wms", "feeds", "system:crm")
    declare(given, "bob", "data-object:stock", "part-of", "system:wms")
    with pytest.raises(NotYourEntry):
        declare(given, "ann", "system:wms", "calls", "system:crm")
    with pytest.raises(AdministratorsOnly):
        declare(given, "bob", "system:crm", "feeds", "system:wms")
    relation = Relation.objects.get(type="feeds")
    with pytest.raises(NotYourEntry):
        remove_relation(relation_id=relation.id, **given.by("ann"))
    remove_relation(relation_id=relation.id, **given.by("bob"))
    assert not Relation.objects.filter(type="feeds").exists()


def test_twice_is_a_conflict_itself_is_refused_and_history_tells_of_both_ends(given, pair):
    given.system("erp")
    made = declare(given, "bob", "orders", "feeds", "system:erp")
    with pytest.raises(RelationExists):
        declare(given, "bob", "orders", "feeds", "system:erp")
    for wrong, pointer in (({"target": "orders"}, "/entity"), ({"name": "likes"}, "/type"), ({"target": "planet:earth"}, "/entity_kind")):
        with pytest.raises(Invalid) as refused:
            declare(given, "bob", **{"source": "orders", "name": "feeds", "target": "system:erp", **wrong})
        assert [fault.pointer for fault in refused.value.errors] == [pointer]
    remove_relation(relation_id=made.id, **given.by("bob"))
    assert given.events(pair)[1:] == ["catalog.relation.added", "catalog.relation.removed"]
    assert given.facts(pair, "catalog.relation.added")["target"] == str(made.target_id)
    rows = Relation.history.filter(id=made.id).order_by("history_id")
    assert [row.history_type for row in rows] == ["+", "-"]
    assert len({row.event_id for row in rows}) == 2


def test_a_page_of_relations_costs_the_same_however_long_it_is(given, pair):
    for number in range(12):
        given.system(f"system-{number}")
        declare(given, "bob", "orders", "feeds", f"system:system-{number}")
    declare(given, "bob", "orders", "uses", "system:system-0")

    def asked(limit):
        with CaptureQueriesContext(connection) as statements:
            page = api.get("/integrations/orders/relations", limit=limit, count="true").json()
        return len(statements), page

    api = given.api("eve")
    asked(1)
    (short, first), (long, whole) = asked(3), asked(50)
    assert (short, first["count"], len(whole["results"])) == (long, 13, 13)
    rest, cursor = list(first["results"]), first["next"]
    while cursor:
        page = api.get("/integrations/orders/relations", limit=3, count="true", cursor=cursor).json()
        rest, cursor = rest + page["results"], page["next"]
    assert [one["id"] for one in rest] == [one["id"] for one in whole["results"]]


def test_over_http_relations_of_anything_are_declared_read_from_either_side_and_taken_back(given, pair):
    given.system("erp")
    bob = given.api("bob")
    made = bob.post(
        "/integrations/orders/relations", {"type": "depends-on", "entity_kind": "system", "entity": "ERP", "note": "price list"}
    )
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["name"], told["of"], told["entity"], told["is_declared"]) == ("depends-on", "orders", "erp", True)
    turned = given.api("eve").get("/relations", entity_kind="system", entity="erp").json()["results"]
    assert [(one["name"], one["of"], one["entity"], one["is_declared"]) for one in turned] == [("depended-on-by", "erp", "orders", False)]
    assert bob.get("/relations", entity="erp").status_code == 400
    assert bob.get("/relations", entity_kind="system", entity="nowhere").status_code == 404
    assert given.api("eve").delete(f"/relations/{told['id']}").status_code == 403
    assert bob.delete(f"/integrations/orders/relations/{told['id']}").status_code == 204
    assert bob.get(f"/relations/{told['id']}").status_code == 404
