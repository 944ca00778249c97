"""Imports applied: who is what, what a machine may change, what a person's word is worth, and who may."""

import json

import pytest

from accounts.models import Membership
from audit.models import Event
from catalog.domain.errors import (
    DivergenceMoved,
    DivergenceResolved,
    ImportBatchEnded,
    ImportBatchMissing,
    IntegrationMissing,
    NotYourIntegration,
)
from catalog.models import (
    Component,
    DataObject,
    Divergence,
    Document,
    FieldSource,
    FlowEndpoint,
    ImportBatch,
    ImportFile,
    ImportSource,
    Integration,
    Relation,
    System,
)
from catalog.selectors.imports import batches_visible_to, files_of, get_batch
from catalog.services import integrations
from catalog.services.documents import write_document
from catalog.services.imports import batches
from catalog.services.imports.divergences import accept_divergence, reject_divergence
from catalog.services.relations import remove_relation
from config.integrity import findings
from foundation.conditional import VersionMoved
from tests.catalog.imports.files import node, workflow

pytestmark = pytest.mark.django_db
CREATED, UPDATED, UNCHANGED, ATTENTION = ImportFile.Verdict.values


def flow(name="Contacts", *more, **fields):
    return workflow(node("Get", "hubspot", {"resource": "contact", "operation": "getAll"}), *more, name=name, **fields)


SLACK = node("Tell", "slack", {"operation": "post"})
NOTE = node("Note", "stickyNote", {"content": "## What it does"})


def edit(given, slug, by="olga", **changes):
    given.later(minutes=1)
    return integrations.update_integration(slug=slug, changes=changes, expected_version=None, **given.by(by))


def test_a_file_becomes_an_integration_with_its_landscape(imports, given):
    done = imports({"a.json": flow("Contacts", SLACK, NOTE, tags=[{"name": "crm"}])})
    assert (done["a.json"].verdict, done["a.json"].draft) == (CREATED, None)
    assert done["a.json"].created == [
        {"kind": "system", "slug": "hubspot"},
        {"kind": "system", "slug": "slack"},
        {"kind": "data-object", "slug": "contact"},
        {"kind": "integration", "slug": "contacts"},
    ]
    row = Integration.objects.get()
    assert (row.title, row.type, row.tags, row.team.slug, row.tier) == ("Contacts", "flow", ["crm"], "payments", 3)
    assert row.labels == {"import/format": "n8n"}
    ends = {(end.system.slug, end.data_object and end.data_object.slug, end.role, end.operation) for end in row.endpoints.all()}
    assert ends == {("hubspot", "contact", "source", "read"), ("slack", None, "target", "notify")}
    assert System.objects.filter(slug="hubspot", is_discovered=True, kind="crm", team=row.team).exists()
    assert DataObject.objects.get(slug="contact").is_discovered
    assert Document.objects.get(integration=row, section="overview").body == "## What it does"
    assert set(FieldSource.objects.filter(integration=row).values_list("field", flat=True)) == {
        *("title", "purpose", "type", "tags", "endpoints", "ai_use"),
        "document:overview",
    }
    assert findings() == []


def test_the_same_again_changes_nothing(imports, given):
    imports({"a.json": flow(), "b.json": flow("Other", SLACK, NOTE)})
    before = Event.objects.count()
    done = imports({"a.json": flow(), "b.json": flow("Other", SLACK, NOTE)})
    assert [file.verdict for file in done.values()] == [UNCHANGED, UNCHANGED]
    assert [file.created for file in done.values()] == [[], []]
    assert set(Event.objects.order_by("-at", "-id").values_list("verb", flat=True)[: Event.objects.count() - before]) == {
        "catalog.import.started",
        "catalog.import.finished",
    }


def test_a_changed_file_changes_what_the_machine_filled(imports, given):
    imports({"a.json": flow()})
    done = imports({"a.json": flow("New name", SLACK)})
    assert done["a.json"].verdict == UPDATED
    row = Integration.objects.get()
    assert (row.slug, row.title, row.version) == ("contacts", "New name", 2)
    assert given.events(row).count("catalog.integration.updated") == 1
    assert imports({"a.json": flow("New name", SLACK)})["a.json"].verdict == UNCHANGED


def test_identity_is_the_path_under_a_label_not_the_name(imports, given):
    imports({"a.json": flow(), "b.json": flow()})
    imports({"a.json": flow()}, label="elsewhere")
    assert sorted(Integration.objects.values_list("slug", flat=True)) == ["contacts", "contacts-2", "contacts-3"]
    assert System.objects.count() == 1


def test_what_is_there_is_used_under_any_name_it_had(imports, given):
    from catalog.services.entries import rename_entry
    from catalog.services.landscape import SYSTEM

    given.system("hubspot", kind="crm")
    given.data_object("contacts")
    rename_entry(SYSTEM, slug="hubspot", new="our-crm", expected_version=None, **given.by(given.administrator()))
    done = imports({"a.json": flow()})
    assert done["a.json"].created == [{"kind": "integration", "slug": "contacts"}]
    (end,) = FlowEndpoint.objects.select_related("system", "data_object")
    assert (end.system.slug, end.data_object.slug) == ("our-crm", "contacts")
    assert imports({"a.json": flow()})["a.json"].verdict == UNCHANGED


def test_a_persons_value_stands_and_the_machines_waits(imports, given):
    imports({"a.json": flow()})
    edit(given, "contacts", title="Our contacts")
    done = imports({"a.json": flow()})
    assert done["a.json"].verdict == ATTENTION
    assert "title" in done["a.json"].reason
    assert Integration.objects.get().title == "Our contacts"
    waiting = Divergence.objects.get()
    assert (waiting.field, waiting.value, waiting.state) == ("title", "Contacts", "open")
    imports({"a.json": flow("Contacts 2")})
    assert Divergence.objects.get().value == "Contacts 2"
    assert given.events(waiting) == ["catalog.divergence.raised"]


def test_accepting_writes_it_as_the_persons(imports, given):
    imports({"a.json": flow()})
    edit(given, "contacts", title="Our contacts", tags=["x"])
    imports({"a.json": flow(tags=["y"])})
    rows = {row.field: row for row in Divergence.objects.all()}
    accept_divergence(integration="contacts", divergence=rows["title"].pk, **given.by("olga"))
    reject_divergence(integration="contacts", divergence=rows["tags"].pk, **given.by("olga"))
    row = Integration.objects.get()
    assert (row.title, row.tags) == ("Contacts", ["x"])
    assert not FieldSource.objects.filter(integration=row, field__in=["title", "tags"]).exists()
    assert imports({"a.json": flow(tags=["y"])})["a.json"].verdict == UNCHANGED  # what was rejected is not asked again
    assert imports({"a.json": flow("Third", tags=["z"])})["a.json"].verdict == ATTENTION  # something new is
    with pytest.raises(DivergenceResolved):
        accept_divergence(integration="contacts", divergence=rows["title"].pk, **given.by("olga"))


def test_a_difference_that_is_none_any_more_is_settled(imports, given):
    """Whichever side gives way, nobody is asked any longer; a new difference is a new question."""
    imports({"a.json": flow()})
    edit(given, "contacts", title="Ours", tags=["x"])
    imports({"a.json": flow(tags=["y"])})
    edit(given, "contacts", title="Contacts")  # the person follows the file
    states = {row.field: row.state for row in Divergence.objects.all()}
    assert states == {"title": "settled", "tags": "open"}
    imports({"a.json": flow(tags=["x"])})  # the file follows the person
    assert {row.field: row.state for row in Divergence.objects.all()} == {"title": "settled", "tags": "settled"}
    assert given.events(Divergence.objects.get(field="tags")) == ["catalog.divergence.raised", "catalog.divergence.settled"]
    assert imports({"a.json": flow(tags=["y"])})["a.json"].verdict == ATTENTION
    assert Divergence.objects.get(field="tags", state="open").value == ["y"]
    assert Integration.objects.get().tags == ["x"]
    assert findings() == []


def test_an_answer_is_to_what_was_shown(imports, given):
    """Nobody takes over a value that they have not seen, nor writes over words that came meanwhile."""
    imports({"a.json": flow()})
    edit(given, "contacts", title="Ours")
    imports({"a.json": flow()})
    shown, version = Divergence.objects.get().raised_at, Integration.objects.get().version
    given.later(minutes=1)
    imports({"a.json": flow("Something else")})
    row = Divergence.objects.get()
    about = {"integration": "contacts", "divergence": row.pk}
    with pytest.raises(DivergenceMoved):
        accept_divergence(**about, raised_at=shown, version=version, **given.by("olga"))
    edit(given, "contacts", title="Ours, better")
    with pytest.raises(VersionMoved):
        accept_divergence(**about, raised_at=row.raised_at, version=version, **given.by("olga"))
    assert Integration.objects.get().title == "Ours, better"
    accept_divergence(**about, raised_at=row.raised_at, version=version + 1, **given.by("olga"))
    assert Integration.objects.get().title == "Something else"
    assert given.events(row) == ["catalog.divergence.raised", "catalog.divergence.accepted"]


def test_endpoints_and_notes_diverge_as_a_whole(imports, given):
    imports({"a.json": flow("Contacts", NOTE)})
    edit(given, "contacts", endpoints=[])
    by = given.by("olga")
    write_document(integration="contacts", section="overview", body="Ours", expected_version=1, **by)
    imports({"a.json": flow("Contacts", SLACK, NOTE)})
    rows = {row.field: row for row in Divergence.objects.all()}
    assert set(rows) == {"endpoints", "document:overview"}
    accept_divergence(integration="contacts", divergence=rows["endpoints"].pk, **given.by("olga"))
    accept_divergence(integration="contacts", divergence=rows["document:overview"].pk, **given.by("olga"))
    assert Integration.objects.get().endpoints.count() == 2
    assert Document.objects.get().body == "## What it does"
    assert imports({"a.json": flow("Contacts", SLACK, NOTE)})["a.json"].verdict == UNCHANGED


def test_models_are_kept_with_what_reaches_them(imports, given):
    model = node("Model", "@n8n/n8n-nodes-langchain.lmChatOpenAi", {"model": "gpt-4o"})
    imports({"a.json": flow("Ask", model)})
    assert Integration.objects.get().ai_use == [{"provider": "openai", "model": "gpt-4o", "node": "Model", "data": ["HubSpot contact"]}]


def test_one_bad_file_does_not_end_the_others(imports, given, monkeypatch):
    from catalog.services.imports import files

    apply = files.Applier.apply

    def broken(self, draft, **more):
        if draft.integrations[0].title == "Boom":
            raise ZeroDivisionError
        return apply(self, draft, **more)

    monkeypatch.setattr(files.Applier, "apply", broken)
    done = imports({"a": b"\x00", "b.json": flow("Boom"), "c.json": flow(), "../c\x00.json": flow(), "d.json": b"{"})
    assert [file.verdict for file in done.values()] == [ATTENTION, ATTENTION, CREATED, ATTENTION, ATTENTION]
    assert all(file.reason.endswith(".") for file in done.values() if file.verdict == ATTENTION)
    assert Integration.objects.count() == 1
    assert ImportBatch.objects.get().state == "done"


def test_a_refused_command_keeps_nothing_of_its_file(imports, given, monkeypatch):
    from catalog.services.imports import files

    def refused(**_more):
        raise NotYourIntegration

    monkeypatch.setattr(files.integrations, "register_integration", refused)
    done = imports({"a.json": flow()})
    assert done["a.json"].verdict == ATTENTION
    assert System.objects.count() == Integration.objects.count() == ImportSource.objects.count() == 0


def test_what_belongs_to_others_or_is_gone_needs_attention(imports, given):
    imports({"a.json": flow(), "b.json": flow("Second")})
    given.team("logistics", members=["eve"])
    given.later(minutes=1)
    Integration.objects.filter(slug="contacts").update(team=given.team("logistics"))
    Integration.objects.filter(slug="second").update(tombstoned_at=given.now)
    done = imports({"a.json": flow("X"), "b.json": flow("Y")})
    assert [file.verdict for file in done.values()] == [ATTENTION, ATTENTION]
    assert "team" in done["a.json"].reason
    assert "deleted" in done["b.json"].reason
    assert Integration.objects.get(slug="contacts").title == "Contacts"


def test_only_who_edits_for_the_team_imports_for_it(imports, given):
    given.team("logistics", members=["eve"])
    with pytest.raises(NotYourIntegration):
        imports({"a.json": flow()}, by="eve")
    batch = imports.start({"a.json": flow()})
    Membership.objects.all().delete()
    done = imports.run(batch)  # rights are asked when it is applied, too
    assert done["a.json"].verdict == ATTENTION
    assert Integration.objects.count() == 0


def test_batches_are_for_their_team(imports, given):
    given.team("logistics", members=["eve"])
    batch = imports.start({"a.json": flow()})
    assert list(batches_visible_to(given.viewer("olga"))) == [batch]
    assert list(batches_visible_to(given.viewer("eve"))) == []
    with pytest.raises(ImportBatchMissing):
        get_batch(batch.pk, given.viewer("eve"))
    with pytest.raises(ImportBatchMissing):
        batches.cancel_import(batch=batch.pk, **given.by("eve"))


def test_a_cancelled_batch_stops_between_files(imports, given):
    batch = imports.start({"a.json": flow(), "b.json": flow("Second")})
    run = batches.Run(batch.pk)
    assert run.apply_next(now=given.now)
    batches.cancel_import(batch=batch.pk, **given.by("olga"))
    assert not run.apply_next(now=given.now)
    assert [file.verdict for file in files_of(batch)] == [CREATED, ""]
    assert given.events(batch) == ["catalog.import.started", "catalog.import.cancelled"]
    with pytest.raises(ImportBatchEnded):
        batches.cancel_import(batch=batch.pk, **given.by("olga"))


def test_a_rehearsal_says_the_same_and_keeps_nothing(imports, given):
    files = {"a.json": flow(), "b.json": flow("Contacts", SLACK), "c.json": b"{"}
    told = {path: (file.verdict, file.reason, file.created) for path, file in imports(files, is_dry_run=True).items()}
    assert Integration.objects.count() == System.objects.count() == ImportSource.objects.count() == 0
    real = {path: (file.verdict, file.reason, file.created) for path, file in imports(files).items()}
    assert told == real
    assert told["b.json"][2] == [{"kind": "system", "slug": "slack"}, {"kind": "integration", "slug": "contacts-2"}]


def test_components_and_systems_of_a_file(imports, given):
    library = b"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: money}\nspec: {type: library}\n"
    service = b"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: ledger}\nspec: {type: service}\n"
    done = imports({"lib.yaml": library, "service.yaml": service})
    assert [file.created for file in done.values()] == [[{"kind": "component", "slug": "money"}], [{"kind": "system", "slug": "ledger"}]]
    assert [file.verdict for file in imports({"lib.yaml": library, "service.yaml": service}).values()] == [UNCHANGED, UNCHANGED]
    assert Component.objects.get().team.slug == "payments"


def entity(kind, name, **spec):
    head = f"apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\n"
    return f"{head}spec: {json.dumps(spec)}\n".encode()


def relations():
    named = {row.pk: row.slug for model in (System, Integration, Component) for row in model.objects.all()}
    return {(named[row.source_id], row.type, named[row.target_id]) for row in Relation.objects.all()}


ESTATE = {
    "a-shop.yaml": entity("Component", "shop", type="website", consumesApis=["ledger-api"], dependsOn=["component:money"]),
    "b-ledger.yaml": entity("Component", "ledger", type="service", providesApis=["ledger-api"], system="payments"),
    "c-api.yaml": entity("API", "ledger-api", type="openapi", system="payments", owner="group:default/fin"),
    "d-lib.yaml": entity("Component", "money", type="library"),
    "e-system.yaml": entity("System", "payments"),
}


def test_relations_between_files_whatever_their_order(imports, given):
    done = imports(ESTATE)
    assert [done[path].verdict for path in ESTATE] == [*[CREATED] * 4, UNCHANGED], "the file of the API brought its system along"
    assert relations() == {
        ("shop", "calls", "ledger-api"),
        ("shop", "depends-on", "money"),
        ("ledger", "feeds", "ledger-api"),
        ("ledger", "part-of", "payments"),
        ("ledger-api", "part-of", "payments"),
    }
    assert not any("Not here yet" in file.reason for file in done.values())
    assert not ImportFile.objects.exclude(draft=None).exists()
    assert {file.verdict for file in imports(ESTATE).values()} == {UNCHANGED}
    assert Relation.objects.count() == 5
    assert findings() == []


def test_a_relation_to_what_is_nowhere_is_told_and_written_once_it_is_here(imports, given):
    done = imports({"a.yaml": ESTATE["a-shop.yaml"]})
    assert "component:shop calls api:ledger-api" in done["a.yaml"].reason
    assert relations() == set()
    again = imports({"a.yaml": ESTATE["a-shop.yaml"], "c.yaml": ESTATE["c-api.yaml"], "d.yaml": ESTATE["d-lib.yaml"]})
    assert relations() >= {("shop", "calls", "ledger-api"), ("shop", "depends-on", "money")}
    assert "Not here yet" not in again["a.yaml"].reason


def test_a_relation_that_a_person_took_back_stays_away_and_one_that_the_file_drops_goes(imports, given):
    imports(ESTATE)
    row = Relation.objects.get(type="calls")
    given.later(minutes=1)
    remove_relation(relation_id=row.pk, **given.by("olga"))
    less = {**ESTATE, "b-ledger.yaml": entity("Component", "ledger", type="service", providesApis=["ledger-api"])}
    done = imports(less)
    assert done["b-ledger.yaml"].verdict == UPDATED
    assert relations() == {("shop", "depends-on", "money"), ("ledger", "feeds", "ledger-api"), ("ledger-api", "part-of", "payments")}


def test_a_rehearsal_knows_relations_to_later_files_too(imports, given):
    told = {path: (file.verdict, file.reason) for path, file in imports(ESTATE, is_dry_run=True).items()}
    assert Relation.objects.count() == 0
    assert told == {path: (file.verdict, file.reason) for path, file in imports(ESTATE).items()}


def test_relations_of_what_belongs_to_others_are_told_not_written(imports, given):
    given.team("fin", members=["eve"])
    imports({"e.yaml": ESTATE["e-system.yaml"], "b.yaml": ESTATE["d-lib.yaml"]}, by="eve", team="fin")
    done = imports(
        {"e.yaml": entity("System", "payments", domain="x"), "s.yaml": entity("Resource", "db", dependencyOf=["system:payments"])}
    )
    assert "not yours to change" in done["s.yaml"].reason
    assert relations() == set()


def test_owners_of_a_file_are_told_and_nobody_is_made_of_them(imports, given):
    given.team("fin")
    stranger = entity("API", "other", type="openapi", system="x", owner="group:default/nobody")
    done = imports({"api.yaml": ESTATE["c-api.yaml"], "other.yaml": stranger})
    assert "A team here has the name of an owner: fin." in done["api.yaml"].reason
    assert "No team here is called group:default/nobody: choose who owns it." in done["other.yaml"].reason
    assert Integration.objects.get(slug="ledger-api").labels["import/owner"] == "group:default/fin"
    assert set(Integration.objects.values_list("team__slug", flat=True)) == {"payments"}


def test_the_same_content_under_another_path_is_told(imports, given):
    imports({"old/a.json": flow()})
    done = imports({"new/a.json": flow()})
    assert done["new/a.json"].verdict == CREATED
    assert "imported from old/a.json, as contacts: if the file was moved, delete one." in done["new/a.json"].reason
    assert "imported from" not in imports({"new/a.json": flow()})["new/a.json"].reason


def test_the_same_content_of_somebody_else_is_not_told(imports, given):
    given.team("fin", members=["eve"])
    imports({"old/a.json": flow()}, by="eve", team="fin")
    edit(given, "contacts", by="eve", visibility="restricted")
    assert imports({"new/a.json": flow()})["new/a.json"].reason == ""


def test_no_content_is_kept(imports, given):
    batch = imports.start(
        {"a.json": flow("Contacts", node("Call", "httpRequest", {"url": "https://x.acme.com", "token": "hunter2hunter2"}))}
    )
    assert "hunter2" not in str(ImportFile.objects.get(batch=batch).draft)


def test_events_tell_what_came_of_it(imports, given):
    imports({"a.json": flow(), "b.json": b"x"})
    batch = ImportBatch.objects.get()
    finished = Event.objects.get(subject_id=batch.pk, verb="catalog.import.finished")
    facts = json.loads(bytes(finished.body))["facts"]
    told = {name: facts[name] for name in ("files", "created", "attention", "unchanged")}
    assert told == {"files": "2", "created": "1", "attention": "1", "unchanged": "0"}
    assert given.events(batch) == ["catalog.import.started", "catalog.import.finished"]


def test_strangers_answer_nothing(imports, given):
    given.team("logistics", members=["eve"])
    imports({"a.json": flow()})
    edit(given, "contacts", title="Ours")
    imports({"a.json": flow()})
    row = Divergence.objects.get()
    with pytest.raises(NotYourIntegration):
        accept_divergence(integration="contacts", divergence=row.pk, **given.by("eve"))
    edit(given, "contacts", visibility="restricted")
    with pytest.raises(IntegrationMissing):
        reject_divergence(integration="contacts", divergence=row.pk, **given.by("eve"))


def test_somebody_elses_place_is_only_taken_and_stays_as_it_was(imports, given):
    imports({"a.json": flow()})
    edit(given, "contacts", visibility="restricted")
    given.team("logistics", members=["eve"])
    given.administrator("root")
    before = ImportSource.objects.values().get()
    told = [imports({"a.json": flow("Contacts", SLACK)}, by="eve", team="logistics")["a.json"]]
    given.deleted("integration", "contacts")
    told.append(imports({"a.json": flow("Contacts", SLACK)}, by="eve", team="logistics")["a.json"])
    taken = (ATTENTION, "This path of the source is taken; import the file under another label.")
    assert [(file.verdict, file.reason) for file in told] == [taken, taken]
    assert ImportSource.objects.values().get() == before
    assert imports({"a.json": flow()})["a.json"].reason == "'Contacts' was deleted here; restore it to import it again."


def test_a_place_that_one_sees_and_may_not_edit_is_told_by_whose_it_is(imports, given):
    imports({"a.json": flow()})
    given.team("logistics", members=["eve"])
    file = imports({"a.json": flow("Contacts", SLACK)}, by="eve", team="logistics")["a.json"]
    assert (file.verdict, file.reason) == (ATTENTION, "'Contacts' belongs to a team that you may not edit for.")
