"""The past can be read: at every index of the log the catalog answers what it answered when that was the newest."""

import random

import pytest
from django.db import connection

from audit.models import Leaf
from audit.selectors.log import log_size
from audit.selectors.moments import index_at
from audit.services.sequence import sequence_all
from catalog.api.integration_shapes import IntegrationDetailSerializer
from catalog.api.shapes import DataObjectSerializer, SystemSerializer
from catalog.domain.errors import RelationExists
from catalog.domain.vocabulary import EntityKind, RelationType, Section
from catalog.models import DataObject, Document, System
from catalog.selectors import integrations, landscape, past, relations
from catalog.services import documents, live, renaming
from catalog.services import integrations as commands
from catalog.services import landscape as landscape_commands
from catalog.services import relations as relation_commands

pytestmark = pytest.mark.django_db
OPERATIONS = 500
TODAY = ("aliases", "observed_at", "last_success_at", "owners_missing", "field_sources", "is_orphan")  # told of now, never of then


class History:
    """A random life of a small catalog, with what it looked like after every step."""

    def __init__(self, given, seed):
        self.given, self.dice = given, random.Random(seed)
        self.by = given.by(given.administrator("root"))
        self.viewer = self.by["viewer"]
        self.slugs, self.systems, self.objects, self.seen = [], ["s-0"], ["d-0"], []
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
        "relations": by_id(past.told_relations(list(past.relations_at(index, viewer)), index=index, viewer=viewer)),
    }


def by_id(related):
    return {each.id: each for each in related}


@pytest.mark.slow
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


def test_a_time_means_the_last_index_at_or_before_it(given):
    given.integration("one")
    sequence_all(given.now)
    size = log_size()
    last = Leaf.objects.get(index=size - 1).sequenced_at
    assert index_at(last.isoformat()) == size - 1
    assert index_at("2001-01-01T00:00:00Z") == -1
    assert index_at("0") == 0


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
