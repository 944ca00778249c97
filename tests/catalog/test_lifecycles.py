"""Lifecycles are published as numbers that never change; integrations stay on theirs until a mapping moves them."""

import copy
from uuid import UUID

import pytest

from accounts.domain.errors import Invalid
from audit.selectors.events import event
from catalog.domain.default_lifecycle import DEFINITION
from catalog.models import Integration, LifecycleModel
from catalog.services import lifecycles
from catalog.services.live import record_live
from config.integrity import findings
from tests.given.lifecycle import simple_lifecycle

pytestmark = pytest.mark.django_db
SHORT = simple_lifecycle(["idea", "run", "end"], [("idea", "run", []), ("run", "end", ["nothing-live"])])


@pytest.fixture
def root(given):
    given.administrator()
    return given.api("root")


def test_an_installation_starts_with_the_default(given):
    api = given.api(given.person("eve"))
    listed = api.get("/lifecycles").json()["results"]
    assert [(row["number"], row["title"]) for row in listed] == [(1, "The default lifecycle")]
    assert listed[0]["definition"] == DEFINITION
    assert api.get("/lifecycles/1").json()["definition"]["initial"] == "proposed"
    assert api.get("/lifecycles/2").status_code == api.get(f"/lifecycles/{2**40}").status_code == 404


def test_what_is_new_enters_the_newest_and_what_is_there_stays(given, root):
    old = given.integration("old")
    answer = root.post("/lifecycles", {"title": "Ours", "definition": SHORT})
    assert (answer.status_code, answer.json()["number"], answer["Location"]) == (201, 2, "/api/v1/lifecycles/2")
    new = given.integration("new")
    old.refresh_from_db()
    assert [(row.lifecycle, row.stage) for row in (old, new)] == [(1, "proposed"), (2, "idea")]
    assert given.facts(given.integration("new"), "catalog.integration.registered")["stage"] == "idea"
    assert root.get("/integrations/new").json()["lifecycle"] == 2


def test_a_broken_definition_is_refused_with_every_place(root):
    broken = copy.deepcopy(SHORT)
    broken["moves"][0]["guards"] = [{"name": "friday"}]
    broken["stages"][1]["kind"] = "alive"
    answer = root.post("/lifecycles", {"title": "Ours", "definition": broken})
    assert answer.status_code == 422
    places = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert {("/definition/moves/0/guards/0/name", "unknown-guard"), ("/definition/stages/1/kind", "not-a-choice")} <= places
    assert LifecycleModel.objects.count() == 1


def test_only_administrators_publish_and_migrate(given):
    eve = given.api(given.person("eve"))
    assert eve.post("/lifecycles", {"title": "Ours", "definition": SHORT}).status_code == 403
    assert eve.post("/lifecycles/1/migrate", {"from": 1, "mapping": {}}).status_code == 403


def test_a_dry_run_lists_what_a_migration_does_and_writes_nothing(given, root):
    for slug, stage in (("one", "proposed"), ("two", "built"), ("three", "built")):
        given.at_stage(given.integration(slug), stage)
    given.lifecycle(SHORT)
    command = {"from": 1, "mapping": {"proposed": "idea", "built": "run"}, "dry_run": True}
    before = list(Integration.objects.order_by("slug").values_list("slug", "stage", "lifecycle", "version"))
    told = root.post("/lifecycles/2/migrate", command).json()
    assert told["counts"] == [{"stage": "built", "to": "run", "count": 2}, {"stage": "proposed", "to": "idea", "count": 1}]
    assert [(row["slug"], row["to"]) for row in told["rows"]] == [("one", "idea"), ("three", "run"), ("two", "run")]
    assert (told["dry_run"], told["total"], told["truncated"]) == (True, 3, False)
    assert list(Integration.objects.order_by("slug").values_list("slug", "stage", "lifecycle", "version")) == before
    done = root.post("/lifecycles/2/migrate", {**command, "dry_run": False}).json()
    assert done == {**told, "dry_run": False}
    assert list(Integration.objects.order_by("slug").values_list("stage", "lifecycle")) == [("idea", 2), ("run", 2), ("run", 2)]
    assert findings() == []


def test_every_migrated_integration_has_an_event_a_version_and_a_history_of_its_own(given):
    one = given.integration("one")
    given.lifecycle(SHORT)
    lifecycles.migrate_integrations(number=2, source=1, mapping={"proposed": "run"}, is_dry_run=False, **given.by("root"))
    one.refresh_from_db()
    facts = given.facts(one, "catalog.integration.lifecycle_migrated")
    told = {name: facts[name] for name in ("lifecycle", "previous_lifecycle", "stage", "previous_stage")}
    assert told == {"lifecycle": "2", "previous_lifecycle": "1", "stage": "run", "previous_stage": "proposed"}
    assert (one.version, one.history.count()) == (2, 2)
    assert findings() == []


def test_a_migration_leaves_its_whole_mapping_and_so_does_the_way_back(given, root):
    """Why something stands where it does can be told later, also from a migration that found nobody and from one that was reversed."""
    one = given.at_stage(given.integration("one"), "built")
    given.lifecycle(SHORT)
    there = {"from": 1, "mapping": {"proposed": "idea", "built": "run"}}
    assert root.post("/lifecycles/2/migrate", {**there, "dry_run": True}).status_code == 200
    assert root.get("/lifecycles/2").json()["migrations"] == []
    assert root.post("/lifecycles/2/migrate", there).json()["total"] == 1
    assert root.post("/lifecycles/1/migrate", {"from": 2, "mapping": {"run": "built"}}).json()["total"] == 1
    assert root.post("/lifecycles/2/migrate", {"from": 1, "mapping": {"built": "idea"}}).json()["total"] == 1
    assert root.post("/lifecycles/2/migrate", {"from": 1, "mapping": {}}).json()["total"] == 0
    one.refresh_from_db()
    assert (one.lifecycle, one.stage) == (2, "idea")
    told = given.api(given.person("eve")).get("/lifecycles/2").json()["migrations"]
    assert [(row["from_lifecycle"], row["mapping"]) for row in told] == [(1, {}), (1, {"built": "idea"}), (1, there["mapping"])]
    assert [row["mapping"] for row in root.get("/lifecycles/1").json()["migrations"]] == [{"run": "built"}]
    facts = event(UUID(told[-1]["event"])).facts
    assert (facts["stages"], facts["targets"], facts["moved"]) == (["built", "proposed"], ["run", "idea"], "1")
    assert findings() == []


def test_batches_leave_nobody_behind(given, monkeypatch):
    """The rows are taken a few at a time; all of them arrive."""
    monkeypatch.setattr(lifecycles, "BATCH", 2)
    for number in range(5):
        given.integration(f"number-{number}")
    given.lifecycle(SHORT)
    done = lifecycles.migrate_integrations(number=2, source=1, mapping={"proposed": "idea"}, is_dry_run=False, **given.by("root"))
    assert done.total == Integration.objects.filter(lifecycle=2).count() == 5


@pytest.mark.parametrize(
    ("number", "source", "mapping", "expected"),
    [
        (2, 1, {}, {("/mapping/proposed", "unmapped")}),
        (2, 1, {"proposed": "nowhere"}, {("/mapping/proposed", "unknown-stage")}),
        (2, 1, {"proposed": "idea", "nowhere": "idea"}, {("/mapping/nowhere", "unknown-stage")}),
        (1, 1, {"proposed": "proposed"}, {("/from", "same")}),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_with_the_place(given, number, source, mapping, expected):
    given.integration("one")
    given.lifecycle(SHORT)
    with pytest.raises(Invalid) as refused:
        lifecycles.migrate_integrations(number=number, source=source, mapping=mapping, is_dry_run=True, **given.by("root"))
    assert {(fault.pointer, fault.code) for fault in refused.value.errors} == expected


def test_migrating_needs_versions_that_exist(root):
    assert root.post("/lifecycles/7/migrate", {"from": 1, "mapping": {}}).status_code == 404
    assert root.post("/lifecycles/1/migrate", {"from": 7, "mapping": {}}).status_code == 404


@pytest.mark.parametrize(
    ("on_live", "stage", "expected"),
    [
        ({"from": ["idea"], "to": "run"}, "idea", "run"),
        ({"from": ["idea"], "to": "run"}, "late", "late"),
        (None, "idea", "idea"),
    ],
    ids=["as the lifecycle says", "not from here", "a lifecycle that leaves it to people"],
)
def test_going_live_follows_the_lifecycle_that_was_entered(given, on_live, stage, expected):
    """The stage follows what runs, by the rules of the integration's own version, and no person's If-Match becomes stale."""
    definition = simple_lifecycle(["idea", "run", "late", "end"], [("idea", "run", []), ("run", "late", []), ("late", "end", [])])
    definition["stages"][1]["kind"] = "live"
    given.administrator()
    given.lifecycle({**definition, "on_live": on_live})
    one = given.at_stage(given.integration("one"), stage)
    given.lifecycle(SHORT, "A newer one that changes nothing for it")
    release, production = given.release(one), given.environment("production")
    record_live(integration_id=one.id, environment_id=production.id, runtime_key="r", release_id=release.id, at=given.now)
    version = one.version
    one.refresh_from_db()
    assert (one.stage, one.version) == (expected, version)
    if expected != stage:
        assert given.facts(one, "catalog.integration.stage_moved")["previous_stage"] == stage
    assert findings() == []
