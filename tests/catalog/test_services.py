"""Commands of the catalog: what they refuse, what they keep, what they record."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts.domain.errors import Invalid, SlugTaken
from audit.models import Event
from catalog.domain.errors import IntegrationMissing, ManifestRefused, NotYourIntegration, ReleaseVersionTaken
from catalog.models import FlowEndpoint, Integration, LiveRelease, Release
from catalog.selectors import history, releases
from catalog.services.documents import write_document
from catalog.services.integrations import register_integration, update_integration
from catalog.services.live import record_live
from catalog.services.releases import publish_release
from foundation.canonical import digest_of
from foundation.conditional import VersionMoved
from tests.given.catalog import MANIFEST

pytestmark = pytest.mark.django_db


def update(given, slug="orders-to-erp", *, by="bob", version=1, **changes):
    return update_integration(slug=slug, changes=changes, expected_version=version, **given.by(by))


@pytest.fixture
def integration(given):
    given.team("payments", members=["bob"])
    return given.integration("orders-to-erp", by="bob")


def test_members_of_a_team_above_may_change_what_a_team_below_owns(given):
    top = given.team("top", members=["ann"])
    given.integration("orders-to-erp", team=given.team("below", parent=top))
    assert update(given, by="ann", title="Changed").version == 2
    with pytest.raises(NotYourIntegration):
        update(given, by="eve", title="Mine", version=2)


def test_a_handover_needs_the_right_in_both_teams(given, integration):
    other = given.team("other")
    with pytest.raises(NotYourIntegration):
        update(given, team="other")
    given.team("other", members=["bob"])
    assert update(given, team="other").team == other


def test_a_change_is_one_version_one_history_row_and_one_event_that_it_names(given, integration):
    update(given, title="New", visibility="restricted")
    update(given, title="New", version=2)
    verbs = ["catalog.integration.registered", "catalog.integration.updated", "catalog.integration.visibility_changed"]
    assert given.events(integration) == verbs
    versions = dict(Event.objects.filter(subject_id=integration.id, version__isnull=False).values_list("version", "id"))
    assert dict(Integration.history.filter(id=integration.id).values_list("version", "event_id")) == versions
    latest = history.history_of(Integration.objects.get(), given.viewer("bob"))[0]
    assert (latest.by, [(change.field, change.before, change.after) for change in latest.changes]) == (
        "bob",
        [("title", "Orders to erp", "New"), ("visibility", "organisation", "restricted")],
    )


def test_endpoints_are_compared_and_unchanged_ones_stay(given, integration):
    before = set(FlowEndpoint.objects.values_list("id", flat=True))
    wanted = [*given.endpoints()[:1], {"system": "erp", "data_object": "orders", "role": "target", "operation": "update"}]
    update(given, endpoints=wanted)
    after = set(FlowEndpoint.objects.values_list("id", flat=True))
    assert (len(after), len(before & after)) == (2, 1)
    assert given.events(integration)[1:] == ["catalog.integration.updated", "catalog.endpoint.removed", "catalog.endpoint.added"]
    assert update(given, endpoints=wanted, version=2).version == 2


def test_endpoints_are_refused_with_their_places(given, integration):
    bad = [
        {"system": "nowhere", "data_object": "orders", "role": "source", "operation": "read"},
        {"system": "erp", "data_object": "orders", "role": "target", "operation": "fly", "address": "ftp://u:p@host"},
    ]
    with pytest.raises(Invalid) as refused:
        update(given, endpoints=bad)
    assert {fault.pointer for fault in refused.value.errors} == {"/endpoints/0/system", "/endpoints/1/operation", "/endpoints/1/address"}
    assert FlowEndpoint.objects.count() == 2


def test_what_is_invisible_is_missing_before_it_is_forbidden(given):
    given.integration("hidden", visibility="restricted")
    with pytest.raises(IntegrationMissing):
        update(given, "hidden", by="eve", title="x")
    with pytest.raises(IntegrationMissing):
        write_document(integration="hidden", section="overview", body="x", expected_version=None, **given.by("eve"))
    with pytest.raises(IntegrationMissing):
        publish_release(integration="hidden", version="1.0.0", manifest=MANIFEST, **given.by("eve"))


def test_a_stale_version_is_told_with_the_present_one(given, integration):
    update(given, title="New")
    with pytest.raises(VersionMoved) as moved:
        update(given, title="Newer", version=1)
    assert moved.value.extra == {"current_version": 2}


def test_a_release_keeps_the_bytes_it_was_given_and_the_digest_of_their_meaning(given, integration):
    raw = b'{"runtime_kind": "node-red", "payload": {"b": 1.0, "a": 1e2, "10": 0, "9": 0}}'
    manifest = {"runtime_kind": "node-red", "payload": {"b": 1.0, "a": 100.0, "10": 0, "9": 0}}
    made = given.release(integration, manifest=manifest, manifest_bytes=raw, by="bob")
    kept = Release.objects.get()
    assert (bytes(kept.manifest_bytes), kept.digest) == (raw, digest_of(manifest))
    assert list(releases.manifest_of(kept)["payload"]) == ["b", "a", "10", "9"]
    assert digest_of(dict(releases.manifest_of(kept))) == made.digest
    with pytest.raises(ManifestRefused):
        given.release(integration, "1.0.1", manifest=manifest, manifest_bytes=b'{"runtime_kind":"x","payload":{}}', by="bob")


def test_a_release_is_taken_once(given, integration):
    given.release(integration, by="bob")
    with pytest.raises(ReleaseVersionTaken):
        publish_release(integration="orders-to-erp", version="1.0.0", manifest=MANIFEST, **given.by("bob"))
    assert Release.objects.count() == 1


def test_contributors_are_all_whose_work_would_be_new_there(given, integration):
    production, staging = given.environment("production"), given.environment("staging")
    given.team("payments", members=["ann", "cem", "dia"])
    first = given.release(integration, "1.0.0", by="ann")
    given.later(minutes=1)
    given.release(integration, "1.1.0", by="bob", co_authors=["cem"])
    given.later(minutes=1)
    last = given.release(integration, "1.2.0", by="dia")
    record_live(integration_id=integration.id, environment_id=production.id, runtime_key="r", release_id=first.id, at=given.now)
    persons = {name: given.person(name).person_id for name in ("ann", "bob", "cem", "dia", "eve")}

    def names(environment, release):
        found = releases.contributors_since(integration.id, environment.id, release)
        return {name for name, person in persons.items() if person in found}

    assert names(production, last) == {"bob", "cem", "dia"}
    assert names(staging, last) == {"ann", "bob", "cem", "dia"}
    assert names(production, first) == {"ann"}
    given.later(minutes=1)
    given.team("payments", members=["eve"])
    update(given, by="eve", endpoints=given.endpoints()[:1])
    assert names(production, last) == {"bob", "cem", "dia", "eve"}


def test_what_is_live_is_what_the_newest_news_says(given, integration):
    production = given.environment("production")
    old, new = given.release(integration, "1.0.0"), given.release(integration, "1.1.0")
    slot = {"integration_id": integration.id, "environment_id": production.id, "runtime_key": "r"}
    assert record_live(**slot, release_id=new.id, at=given.now)
    assert not record_live(**slot, release_id=new.id, at=given.now)
    assert not record_live(**slot, release_id=old.id, at=given.now - timedelta(seconds=1))
    integration.refresh_from_db()
    assert (integration.stage, integration.version, LiveRelease.objects.get().release_id) == ("live", 1, new.id)
    assert record_live(**slot, release_id=None, at=given.now)
    assert not LiveRelease.objects.exists()
    assert update(given, title="Still my version").version == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_name(given):
    given.administrator()
    given.team("payments", members=["bob"])
    endpoints, by = given.endpoints(), given.by("bob")
    taken, made, gate = [], [], threading.Barrier(6)

    def register(slug):
        gate.wait(timeout=30)
        values = {"title": "x", "purpose": "", "type": "flow", "team": "payments", "tier": 3, "endpoints": endpoints}
        try:
            made.append(register_integration(slug=slug, **values, **by))
        except SlugTaken:
            taken.append(slug)
        finally:
            connection.close()

    threads = [threading.Thread(target=register, args=(slug,)) for slug in ("Same", "same", "SAME", "sAme", "saMe", "samE")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert (len(made), len(taken), Integration.objects.count()) == (1, 5, 1)
