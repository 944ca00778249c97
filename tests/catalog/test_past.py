"""The past can be read: at every index of the log the catalog answers what it answered when that was the newest."""

import contextlib
import random

import pytest
from django.db import connection

from audit.models import Leaf
from audit.selectors.log import log_size
from audit.selectors.moments import index_at
from audit.services.sequence import sequence_all
from catalog.api.component_shapes import ComponentSerializer
from catalog.api.integration_shapes import IntegrationDetailSerializer
from catalog.api.shapes import DataObjectSerializer, SystemSerializer
from catalog.domain.errors import RelationExists, RelationMissing
from catalog.domain.vocabulary import EntityKind, RelationType, Section
from catalog.models import Component, DataObject, Document, Integration, System
from catalog.selectors import components, integrations, landscape, past, relations
from catalog.services import components as component_commands
from catalog.services import deletion, documents, live, renaming, stages
from catalog.services import integrations as commands
from catalog.services import landscape as landscape_commands
from catalog.services import relations as relation_commands

pytestmark = pytest.mark.django_db
OPERATIONS = 500
PLAN = "sha256:" + "0" * 64
TODAY = ("aliases", "observed_at", "last_success_at", "owners_missing", "field_sources", "is_orphan")  # told of now, never of then


class History:
    """A random life of a small catalog, with what it looked like after every step."""

    def __init__(self, given, seed):
        self.given, self.dice = given, random.Random(seed)
        self.by = given.by(given.administrator("root"))
        self.viewer = self.by["viewer"]
        self.slugs, self.systems, self.objects, self.seen = [], ["s-0"], ["d-0"], []
        self.stones, self.components = [], []
        self.production = given.environment("production")
        given.team("one"), given.team("two"), given.person("ann")
        given.system("s-0"), given.data_object("d-0")
        self.related = []

    def step(self):
        todo = self.dice.choice(
            [
                self.register,
                self.edit,
                self.edit,
                self.rename,
                self.endpoints,
                self.endpoints,
                self.write,
                self.go_live,
                self.system,
                self.thing,
                self.relate,
                self.relate,
                self.hide,
                self.pass_on,
                self.delete,
                self.restore,
                self.component,
            ]
        )
        todo(f"{self.dice.randrange(10**6):06}")
        sequence_all(self.by["now"])
        self.seen.append((log_size() - 1, live_world(self.viewer)))

    def register(self, word):
        if len(self.slugs) < 12:
            self.slugs.append(f"i-{word}")
            self.given.integration(self.slugs[-1], team=self.dice.choice(["one", "two"]), endpoints=self.ends())
        else:
            self.edit(word)

    def edit(self, word):
        change = {
            "title": f"Title {word}",
            "tags": [word],
            "purpose": word,
            "tier": self.dice.randint(1, 3),
            "support": {"channel": word},
            "labels": {"word": word},
            "co_owners": self.dice.sample(["root", "ann"], self.dice.randint(0, 2)),
            "technical_owner": self.dice.choice(["root", "ann", None]),
            "business_owner": self.dice.choice(["root", "ann", None]),
            "on_call": self.dice.choice(["root", "ann", None]),
            "change_policy": {"text": word},
            "business_value": word,
            "deprecation": self.dice.choice([None, {"reason": word, "alternative": self.dice.choice(self.slugs)} if self.slugs else None]),
            "team": self.dice.choice(["one", "two"]),
        }
        some = dict(self.dice.sample(sorted(change.items()), self.dice.randint(1, 3)))
        self.change(some)

    def endpoints(self, _word):
        self.change({"endpoints": self.ends()})

    def change(self, changes):
        if self.slugs:
            slug = self.dice.choice(self.slugs)
            if (changes.get("deprecation") or {}).get("alternative") == slug:  # nothing replaces itself
                changes = {**changes, "deprecation": {"reason": "none"}}
            commands.update_integration(slug=slug, changes=changes, expected_version=None, **self.by)

    def ends(self):
        pairs = {(self.dice.choice(self.systems), self.dice.choice([*self.objects, None])) for _ in range(self.dice.randint(0, 3))}
        return [
            {
                "system": system,
                "data_object": item,
                "role": self.dice.choice(["source", "target"]),
                "operation": "read",
                "fields_touched": ["a"],
            }
            for system, item in sorted(pairs, key=str)
        ]

    def rename(self, word):
        kind, slugs = self.dice.choice(
            [(EntityKind.INTEGRATION, self.slugs), (EntityKind.SYSTEM, self.systems), (EntityKind.DATA_OBJECT, self.objects)]
        )
        if slugs:
            at = self.dice.randrange(len(slugs))
            found = {EntityKind.SYSTEM: landscape.system_by_slug, EntityKind.DATA_OBJECT: landscape.data_object_by_slug}.get(kind)
            row = found(slugs[at]) if found else commands.lock_visible(slugs[at], self.viewer)
            renaming.rename(kind, row, f"r-{word}", expected_version=None, actor=self.by["actor"], now=self.by["now"])
            slugs[at] = row.slug

    def write(self, word):
        if self.slugs:
            slug, section = self.dice.choice(self.slugs), self.dice.choice(list(Section)).value
            found = Document.objects.filter(integration__slug=slug, section=section).first()
            version = found.version if found else None
            documents.write_document(integration=slug, section=section, body=f"Text {word}.", expected_version=version, **self.by)

    def go_live(self, _word):
        if self.slugs:
            found = integrations.get_visible(self.dice.choice(self.slugs), self.viewer)
            release = None if self.dice.random() < 0.3 else self.given.release(found).id
            live.record_live(
                integration_id=found.id,
                environment_id=self.production.id,
                runtime_key="agent",
                release_id=release,
                at=self.given.later(seconds=1),
            )

    def hide(self, _word):
        self.change({"visibility": self.dice.choice(["organisation", "restricted"])})

    def pass_on(self, word):
        """The stage moves as a migration moves it: no gate is asked."""
        if self.slugs:
            row = commands.lock_visible(self.dice.choice(self.slugs), self.viewer)
            stages.write_migration(row, lifecycle=1, stage=self.dice.choice(["built", "live"]), actor=self.by["actor"], now=self.by["now"])

    def delete(self, _word):
        if len(self.slugs) > 3 and len(self.stones) < 4:
            slug = self.slugs.pop(self.dice.randrange(len(self.slugs)))
            row = commands.lock_visible(slug, self.viewer)
            self.stones.append(
                deletion.bury(EntityKind.INTEGRATION, row, plan=PLAN, dependants=0, actor=self.by["actor"], now=self.by["now"])
            )

    def restore(self, word):
        if self.stones:
            stone = self.stones.pop(self.dice.randrange(len(self.stones)))
            row = deletion.restore(stone.pk, slug=f"b-{word}", actor=self.by["actor"], now=self.by["now"])
            self.slugs.append(row.slug)

    def component(self, word):
        if len(self.components) < 3:
            self.components.append(f"c-{word}")
            self.given.component(self.components[-1], team=self.dice.choice(["one", "two"]))
        else:
            component_commands.update_component(
                slug=self.dice.choice(self.components), changes={"description": word}, expected_version=None, **self.by
            )

    def system(self, word):
        if len(self.systems) < 5:
            self.systems.append(f"s-{word}")
            self.given.system(self.systems[-1])
        else:
            landscape_commands.update_system(
                slug=self.dice.choice(self.systems), changes={"vendor": word}, expected_version=None, **self.by
            )

    def relate(self, word):
        ends = [*(("integration", slug) for slug in self.slugs), *(("system", slug) for slug in self.systems)]
        if self.related and self.dice.random() < 0.3:
            with contextlib.suppress(RelationMissing):  # what declared it is deleted
                relation_commands.remove_relation(relation_id=self.related.pop(), **self.by)
        elif len(ends) > 1:
            (kind, source), (target_kind, target) = self.dice.sample(ends, 2)
            try:
                made = relation_commands.add_relation(
                    type=self.dice.choice(list(RelationType)),
                    source_kind=kind,
                    source=source,
                    target_kind=target_kind,
                    target=target,
                    note=word,
                    **self.by,
                )
                self.related.append(made.id)
            except RelationExists:
                pass

    def thing(self, word):
        if len(self.objects) < 5:
            self.objects.append(f"d-{word}")
            self.given.data_object(self.objects[-1], system_of_record=self.dice.choice([*self.systems, None]))
        else:
            changes = {"classification": self.dice.choice(["public", "internal", "restricted"])}
            landscape_commands.update_data_object(slug=self.dice.choice(self.objects), changes=changes, expected_version=None, **self.by)


def told(shape, rows, **context):
    return [{name: value for name, value in row.items() if name not in TODAY} for row in shape(rows, many=True, context=context).data]


def texts(rows):
    return {row.slug: {document.section: (document.version, document.body) for document in row.documents} for row in rows}


def live_world(viewer):
    """Everything that is registered, as the API tells it now."""
    plan = integrations.with_parts(integrations.integrations_visible_to(viewer).select_related(*integrations.OWNERS))
    rows = [integrations.with_names(row, viewer) for row in plan]
    for row in rows:
        row.aliases = []
    written = Document.objects.order_by("section").select_related("integration")
    return {
        "integrations": told(IntegrationDetailSerializer, rows, sees_inside=True),
        "documents": {row.slug: {d.section: (d.version, d.body) for d in written if d.integration_id == row.id} for row in rows},
        "systems": told(SystemSerializer, landscape.systems()),
        "data_objects": told(DataObjectSerializer, landscape.data_objects()),
        "components": told(ComponentSerializer, components.components()),
        "relations": by_id(relations.told(list(relations.all_relations(viewer)), viewer)),
    }


def past_world(viewer, index):
    """The same, asked of an earlier index."""
    rows = past.with_parts_at(past.integrations_at(viewer, index), index, viewer)
    return {
        "integrations": told(IntegrationDetailSerializer, rows, sees_inside=True),
        "documents": texts(rows),
        "systems": told(SystemSerializer, past.pointed(past.landscape_at(System, index), index)),
        "data_objects": told(DataObjectSerializer, past.pointed(past.landscape_at(DataObject, index), index)),
        "components": told(ComponentSerializer, past.pointed(past.landscape_at(Component, index), index)),
        "relations": by_id(past.told_relations(list(past.relations_at(index, viewer)), index=index, viewer=viewer)),
    }


def by_id(related):
    return {each.id: each for each in related}


@pytest.mark.slow
@pytest.mark.timeout(900)  # a thousand readings of a whole catalog
def test_every_index_answers_what_was_answered_then(given):
    """The promise of as-of: `as_of(index)` equals the snapshot taken live at that index, over 500 random operations."""
    history = History(given, seed=7)
    for _ in range(OPERATIONS):
        history.step()
    assert len(history.seen) == OPERATIONS
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a vacuum before this transaction may have counted no rows at all, and plans believe that
    for number, (index, world) in enumerate(history.seen):
        assert past_world(history.viewer, index) == world, f"after operation {number}, index {index}"
        if number % 10 == 0:
            assert_limited(given, history.viewer, index)


def assert_limited(given, everybody, index):
    """Who does not see everything sees of every moment exactly what they may see today."""
    viewer = given.by("ann")["viewer"]
    seen = set(Integration.objects.visible_to(viewer).values_list("pk", flat=True))
    rows = [row.id for row in past.integrations_at(everybody, index)]
    found = list(past.integrations_at(viewer, index))
    assert [row.id for row in found] == [key for key in rows if key in seen]
    slugs = {row.slug for row in found}
    for row in past.told_relations(list(past.relations_at(index, viewer)), index=index, viewer=viewer):
        assert row.of_kind != "integration" or row.of in slugs
        assert row.entity_kind != "integration" or row.entity is None or row.entity in slugs


def test_a_time_means_the_last_index_at_or_before_it(given):
    given.integration("one")
    sequence_all(given.now)
    size = log_size()
    last = Leaf.objects.get(index=size - 1).sequenced_at
    assert index_at(last.isoformat(), now=given.now) == size - 1
    assert index_at("2001-01-01T00:00:00Z", now=given.now) == -1
    assert index_at("0", now=given.now) == 0


def told_at(api, path, index, **query):
    answer = api.get(path, as_of=index, **query)
    assert answer.status_code == 200, answer.content
    assert answer["Portolan-As-Of"] == str(index)
    return answer.json()


def placed(given):
    sequence_all(given.now)
    return log_size() - 1


def test_the_api_answers_for_the_past_by_the_names_of_then(given):
    given.team("payments", members=["ann"])
    given.integration("one")
    before = placed(given)
    root = given.api(given.administrator("root"))
    root.post("/systems/erp/rename", {"slug": "s4"}, if_match=1)
    root.post("/integrations/one/rename", {"slug": "uno"}, if_match=1)
    root.patch("/integrations/uno", {"title": "Uno", "endpoints": []}, if_match=2)
    after = placed(given)
    ann = given.api("ann")
    then = told_at(ann, "/integrations/one", before)
    assert (then["slug"], then["title"], [end["system"] for end in then["endpoints"]]) == ("one", "One", ["shop", "erp"])
    assert told_at(ann, "/integrations/uno", before) == then
    now = told_at(ann, "/integrations/one", after)
    assert {**now, "aliases": []} == {**ann.get("/integrations/uno").json(), "aliases": []}
    assert [row["slug"] for row in told_at(ann, "/integrations", before, system="s4")["results"]] == ["one"]
    assert [row["slug"] for row in told_at(ann, "/integrations", after, system="s4")["results"]] == []
    assert [row["slug"] for row in told_at(ann, "/systems", before)["results"]] == ["erp", "shop"]
    assert told_at(ann, "/systems/s4", before)["slug"] == "erp"
    assert told_at(ann, "/integrations", 0)["results"] == []
    assert ann.get("/integrations/one", as_of=0).status_code == 404


def test_the_past_is_for_those_who_may_see_it_today(given):
    given.integration("one"), given.integration("two")
    given.api(given.administrator("root")).post(
        "/integrations/one/relations", {"type": "feeds", "entity_kind": "integration", "entity": "two"}
    )
    open_then = placed(given)
    given.api("root").patch("/integrations/one", {"visibility": "restricted"}, if_match=1)
    placed(given)
    ann = given.api("ann")
    assert ann.get("/integrations/one", as_of=open_then).status_code == 404
    assert [row["slug"] for row in told_at(ann, "/integrations", open_then)["results"]] == ["two"]
    assert told_at(ann, "/integrations/two/relations", open_then)["results"] == []
    assert [row["entity"] for row in told_at(given.api("root"), "/integrations/two/relations", open_then)["results"]] == ["one"]


@pytest.mark.parametrize("moment", ["999999", "yesterday", "-1", "", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00"])
def test_a_moment_that_is_none_is_refused(given, moment):
    given.system("erp")
    answer = given.api("ann").get("/systems", as_of=moment)
    assert (answer.status_code, answer.json()["code"]) == (400, "no-such-moment")


def test_a_time_that_has_not_come_is_refused(given):
    """Its answer would not be the same tomorrow."""
    given.system("erp")
    answer = given.api("ann").get("/systems", as_of="9000-01-01T00:00:00Z")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?as_of")
    assert "has not come" in answer.json()["detail"]


def test_the_answer_says_when_its_index_got_its_place(given):
    given.system("erp")
    index = placed(given)
    answer = given.api("ann").get("/systems", as_of=index)
    assert answer["Portolan-As-Of-Time"] == Leaf.objects.get(index=index).sequenced_at.isoformat().replace("+00:00", "Z")


def test_what_is_not_in_the_log_yet_is_not_in_the_past_yet(given):
    given.system("erp")
    index = placed(given)
    given.api(given.administrator("root")).patch("/systems/erp", {"vendor": "Later"}, if_match=1)
    assert told_at(given.api("root"), "/systems/erp", index)["vendor"] == ""
    assert given.api("root").get("/systems/erp", as_of=index + 1).status_code == 400
    assert told_at(given.api("root"), "/systems/erp", placed(given))["vendor"] == "Later"


def test_past_lists_are_filtered_by_what_was_so_then(given):
    given.team("payments", members=["ann"])
    given.integration("one", technical_owner="ann", labels={"wave": "1"}, tags=["red"])
    given.integration("two", team="payments")
    before = placed(given)
    root = given.api(given.administrator("root"))
    change = {"technical_owner": "root", "labels": {}, "tags": [], "endpoints": [{"system": "erp", "role": "source", "operation": "read"}]}
    assert root.patch("/integrations/one", change, if_match=1).status_code == 200
    after = placed(given)
    asked = [
        {"owner": "ann"},
        {"label": "wave:1"},
        {"tag": "red"},
        {"system": "erp", "role": "target", "sort": "-changed_at", "stage": "proposed"},
        {"system": "shop", "operation": "read", "team_below": "payments"},
    ]
    for query in asked:
        found = [[row["slug"] for row in told_at(root, "/integrations", index, **query)["results"]] for index in (before, after)]
        assert ["one" in each for each in found] == [True, False], query
    assert [row["slug"] for row in told_at(root, "/integrations", after, owner="root")["results"]] == ["one"]


@pytest.mark.parametrize("name", ["q", "orphan", "carries", "domain", "classification", "component"])
def test_a_filter_of_today_is_refused_for_the_past(given, name):
    given.integration("one")
    answer = given.api("ann").get("/integrations", as_of=placed(given), **{name: "true"})
    assert answer.status_code == 400
    assert (answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["code"]) == (f"?{name}", "not-of-the-past")


@pytest.mark.parametrize("path", ["/integrations/one/stage", "/integrations/one/documents", "/graph", "/integrations/facets", "/teams"])
def test_what_is_told_of_the_present_only_does_not_pass_for_the_past(given, path):
    """An answer about today to a question about then would be a wrong answer."""
    given.integration("one")
    answer = given.api("ann").get(path, as_of=placed(given))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "not-of-the-past")


def test_a_name_that_went_to_another_leads_to_the_one_that_had_it_then(given):
    given.integration("one")
    before = placed(given)
    root = given.api(given.administrator("root"))
    root.post("/integrations/one/rename", {"slug": "two"}, if_match=1)
    root.post("/integrations/two/rename", {"slug": "three"}, if_match=2)
    after = placed(given)
    assert told_at(root, "/integrations/three", before)["slug"] == "one"
    assert told_at(root, "/integrations/one", after)["slug"] == "three"


def test_auditors_read_what_was_deleted_since(given):
    given.at_stage(given.integration("one"), "retired")
    before = placed(given)
    root = given.api(given.administrator("root"))
    given.deleted("integration", "one")
    after = placed(given)
    assert told_at(root, "/integrations/one", before)["slug"] == "one"
    assert root.get("/integrations/one", as_of=after).status_code == 404
    assert given.api("ann").get("/integrations/one", as_of=before).status_code == 404


def test_relations_of_then_are_told_though_an_end_was_deleted_since(given):
    given.integration("one")
    root = given.api(given.administrator("root"))
    made = root.post("/integrations/one/relations", {"type": "uses", "entity_kind": "component", "entity": given.component("part").slug})
    assert made.status_code == 201
    before = placed(given)
    given.deleted("integration", "one")
    gone = placed(given)
    assert [row["entity"] for row in told_at(root, "/integrations/one/relations", before)["results"]] == ["part"]
    of_part = {"entity_kind": "component", "entity": "part"}
    assert [row["entity"] for row in told_at(root, "/relations", before, **of_part)["results"]] == ["one"]
    assert told_at(root, "/relations", gone, **of_part)["results"] == []
    assert told_at(given.api("ann"), "/relations", before, **of_part)["results"] == []
    assert root.get("/integrations/one/relations", as_of=gone).status_code == 404
    given.integration("later")
    assert told_at(root, "/integrations/later/relations", before)["results"] == []
