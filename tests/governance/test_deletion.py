"""Preview, retire, tombstone, restore: what each refuses, what vanishes, and what comes back."""

import pytest

from accounts.domain.errors import AdministratorsOnly, Invalid, SlugTaken
from catalog.domain.errors import (
    DataObjectMissing,
    IntegrationMissing,
    ManifestRefused,
    NameGivenAway,
    NotYourIntegration,
    RestFirst,
    SystemMissing,
    TombstoneMissing,
)
from catalog.domain.vocabulary import EntityKind
from catalog.models import Integration, Name, Relation, System, Tombstone
from catalog.selectors import documents, grants, history, integrations, landscape, names
from catalog.services import grants as grant_commands
from catalog.services import integrations as commands
from config.integrity import findings as disagreements
from governance.domain.deletion import UNBLOCKERS, Group
from governance.domain.errors import AlreadyRetired, ChangeMissing, DeletionBlocked, InvalidChange, NotRetired, PlanMoved
from governance.selectors import change_requests
from governance.services import change_requests as change_commands
from governance.services import deletion

pytestmark = pytest.mark.django_db


def groups(plan):
    return sorted({finding.group.value for finding in plan.findings})


def ends(system, data_object="orders", role="source"):
    return [{"system": system, "data_object": data_object, "role": role, "operation": "read"}]


@pytest.fixture
def flow(given):
    """An integration of payments; `olga` is a member, `eve` of another team."""
    given.team("payments", members=["olga"])
    given.team("logistics", members=["eve"])
    return given.integration("orders-to-erp", by="olga")


def step(given, name, kind, slug, token, *, by="root"):
    return getattr(deletion, name)(kind=EntityKind(kind), slug=slug, token=token, **given.by(by))


def test_an_integration_goes_in_two_steps_and_comes_back_whole(given, flow):
    given.documented("orders-to-erp")
    given.person("vera")
    grant_commands.add_grant(integration=flow.slug, right="view", user="vera", **given.by("olga"))
    release = given.release(flow)
    held, written = grants.grants_on(flow), [d.body for d in documents.documents_of(flow)]
    stone = given.deleted("integration", flow.slug, by="olga")
    with pytest.raises(IntegrationMissing):
        integrations.get_visible(flow.slug, given.viewer("root"))
    assert not Name.objects.filter(entity_id=flow.id).exists()
    assert stone.pk == flow.pk
    assert [(s.slug, s.kind, s.team.slug, s.by.username) for s in Tombstone.objects.all()] == [
        ("orders-to-erp", "integration", "payments", "olga")
    ]
    back = given.restored(stone)
    assert back.pk == flow.pk
    assert grants.grants_on(back) == held
    assert [d.body for d in documents.documents_of(back)] == written
    assert back.releases.get() == release
    assert not Tombstone.objects.exists()
    assert given.events(flow)[-3:] == ["catalog.integration.retired", "catalog.integration.tombstoned", "catalog.integration.restored"]
    assert disagreements() == []


def test_what_was_deleted_is_on_no_surface_not_even_an_administrators(given):
    change = given.live_change()
    given.deactivate_slots(change)
    slug = change.integration.slug
    given.deleted("integration", slug)
    for who in ("root", "olga"):
        viewer = given.viewer(who)
        assert not integrations.integrations_visible_to(viewer).exists()
        assert not change_requests.visible_to(viewer).exists()
        with pytest.raises(ChangeMissing):
            change_requests.get_visible(change.number, viewer)
        api = given.api(who)
        for path in ("", "/history", "/documents", "/releases", "/grants", "/health", "/documents/overview", "/releases/1.0.0"):
            assert api.get(f"/integrations/{slug}{path}").status_code == 404, path
        for path in ("/integrations", f"/integrations?q={slug}", "/change-requests", "/deployments"):
            assert api.get(path).json()["results"] == [], path


def test_a_name_given_back_belongs_to_a_new_identity_without_the_old_ones_past(given, flow):
    given.documented("orders-to-erp")
    given.person("vera")
    grant_commands.add_grant(integration=flow.slug, right="view", user="vera", **given.by("olga"))
    stone = given.deleted("integration", flow.slug)
    fresh = commands.register_integration(
        slug="Orders-to-ERP", title="New", purpose="", type="flow", team="payments", tier=3, endpoints=given.endpoints(), **given.by("olga")
    )
    assert fresh.pk != flow.pk
    assert documents.documents_of(fresh) == []
    assert grants.grants_on(fresh) == []
    assert [change.version for change in history.history_of(fresh, given.viewer("olga"))] == [1]
    with pytest.raises(NameGivenAway):
        given.restored(stone)
    with pytest.raises(NameGivenAway):
        given.restored(stone, slug="ORDERS-TO-ERP")
    with pytest.raises(Invalid):
        given.restored(stone, slug="no such/slug")
    back = given.restored(stone, slug="orders-to-erp-prior")
    assert (back.pk, back.slug, fresh.slug) == (flow.pk, "orders-to-erp-prior", "Orders-to-ERP")
    assert integrations.get_visible("orders-to-erp", given.viewer("olga")).pk == fresh.pk
    found = integrations.integrations_visible_to(given.viewer("olga")).filter(search_vector="prior")
    assert [each.pk for each in found] == [flow.pk]
    assert disagreements() == []


def test_aliases_are_given_back_and_those_still_free_return(given, flow):
    for former in ("first-name", "second-name"):
        Name.objects.create(kind="integration", key=former, slug=former, entity_id=flow.id, is_current=False, since=given.now)
    stone = given.deleted("integration", flow.slug)
    taker = given.integration("first-name", by="olga")
    back = given.restored(stone)
    assert names.aliases_of(back.id) == ["second-name"]
    assert integrations.get_visible("second-name", given.viewer("root")).pk == flow.pk
    assert integrations.get_visible("first-name", given.viewer("root")).pk == taker.pk


@pytest.mark.parametrize(
    ("move", "what"),
    [
        (lambda given: given.integration("another", endpoints=ends("erp")), "endpoints"),
        (lambda given: given.data_object("invoices", system_of_record="erp"), "data-objects"),
        (lambda given: given.renamed_title("erp"), "version"),
    ],
)
def test_a_stale_token_is_refused_and_says_what_changed(given, flow, move, what):
    token = given.plan("system", "erp").token
    move(given)
    with pytest.raises(PlanMoved) as refused:
        step(given, "retire", "system", "erp", token)
    assert [each["what"] for each in refused.value.extra["changed"]] == [what]
    assert what in str(refused.value)


def test_the_token_of_one_entity_opens_no_other_and_none_twice(given, flow):
    token = given.plan("system", "erp").token
    with pytest.raises(PlanMoved):
        step(given, "retire", "system", "shop", token)
    step(given, "retire", "system", "erp", token)
    with pytest.raises(AlreadyRetired):
        step(given, "retire", "system", "erp", token)
    with pytest.raises(PlanMoved):
        step(given, "tombstone", "system", "erp", token)


def test_only_what_is_retired_can_be_deleted(given, flow):
    for kind, slug in (("integration", flow.slug), ("system", "erp")):
        with pytest.raises(NotRetired):
            step(given, "tombstone", kind, slug, given.plan(kind, slug).token)


def test_what_runs_or_waits_for_a_vote_keeps_an_integration_in_use(given):
    change = given.change_in_review()
    given.later(minutes=1)
    slug = change.integration.slug
    with pytest.raises(DeletionBlocked) as refused:
        step(given, "retire", "integration", slug, given.plan("integration", slug).token)
    assert [each["code"] for each in refused.value.extra["blockers"]] == ["change-requests"]
    assert {each["who_can_unblock"] for each in refused.value.extra["blockers"]} == {UNBLOCKERS[Group.CHANGES]}
    change_commands.withdraw(number=change.number, reason="", **given.by("olga"))
    given.asked()
    given.vote(change_requests.visible_to(given.viewer("root")).first(), "ann")
    live = given.vote(change_requests.visible_to(given.viewer("root")).first(), "bob")
    assert groups(given.plan("integration", slug)) == ["change-requests", "deployments", "desired"]
    given.ended(live, given.succeeded)
    assert groups(given.plan("integration", slug)) == ["desired", "lifecycle", "live"]
    with pytest.raises(DeletionBlocked):
        step(given, "retire", "integration", slug, given.plan("integration", slug).token)
    given.deactivate_slots(live)
    assert groups(given.plan("integration", slug)) == ["lifecycle"]
    with pytest.raises(DeletionBlocked):
        step(given, "retire", "integration", slug, given.plan("integration", slug).token)
    given.retired("integration", slug)
    with pytest.raises(InvalidChange):
        given.asked()


def test_a_retired_system_stays_where_it_is_used_and_goes_nowhere_new(given, flow):
    given.retired("system", "erp")
    given.retired("data-object", "orders")
    with pytest.raises(Invalid) as refused:
        given.integration("another", endpoints=ends("erp"))
    assert [(f.pointer, f.code) for f in refused.value.errors] == [
        ("/endpoints/0/system", "retired"),
        ("/endpoints/0/data_object", "retired"),
    ]
    kept = given.endpoints()
    kept[1]["cadence"] = "hourly"
    saved = commands.update_integration(slug=flow.slug, changes={"endpoints": kept}, expected_version=flow.version, **given.by("olga"))
    assert saved.endpoints.filter(cadence="hourly").exists()
    more = [*kept, {**kept[0], "operation": "notify"}]
    with pytest.raises(Invalid):
        commands.update_integration(slug=flow.slug, changes={"endpoints": more}, expected_version=saved.version, **given.by("olga"))


def test_a_system_that_is_used_cannot_be_deleted_and_counts_what_the_viewer_may_not_see(given, flow):
    given.integration("hidden", endpoints=ends("erp"), visibility="restricted")
    given.team("erp-team", members=["eve"])
    System.objects.filter(slug="erp").update(team=given.team("erp-team"))
    plan = given.plan("system", "erp", by="eve")
    found = [(f.group, f.slug, f.title, f.is_seen) for f in plan.findings]
    assert found == [(Group.ENDPOINTS, "", "", False), (Group.ENDPOINTS, "orders-to-erp", "Orders to erp", True)]
    assert plan.digest == given.plan("system", "erp", by="root").digest
    given.retired("system", "erp", by="eve")
    with pytest.raises(DeletionBlocked):
        step(given, "tombstone", "system", "erp", given.plan("system", "erp").token)


def test_what_a_hidden_integration_declares_towards_it_is_not_in_the_plan(given, flow):
    hidden = given.integration("hidden", team="people", visibility="restricted", endpoints=[])
    given.relies(hidden, flow)
    before, root = given.plan("integration", flow.slug, by="olga"), given.plan("integration", flow.slug)
    assert [f.slug for f in before.findings if f.group is Group.RELATIONS] == []
    assert [f.slug for f in root.findings if f.group is Group.RELATIONS] == ["hidden"]
    given.relies(flow, hidden)  # its own word
    after = given.plan("integration", flow.slug, by="olga")
    assert [(f.slug, f.is_seen) for f in after.findings if f.group is Group.RELATIONS] == [("", False)]


def test_a_deleted_system_is_missing_everywhere_and_its_name_is_free(given):
    old = given.system("legacy")
    stone = given.deleted("system", "legacy")
    with pytest.raises(SystemMissing):
        landscape.system_by_slug("legacy")
    assert "legacy" not in [system.slug for system in landscape.systems()]
    with pytest.raises(Invalid):
        given.integration("another", endpoints=ends("legacy"))
    System.objects.filter(pk=old.pk).update(slug="legacy-old")  # so that the builder does not find the old row
    fresh = given.system("legacy")
    System.objects.filter(pk=old.pk).update(slug="legacy")
    assert landscape.system_by_slug("legacy").pk == fresh.pk != old.pk
    with pytest.raises(NameGivenAway):
        given.restored(stone)
    assert given.restored(stone, slug="legacy-2").pk == old.pk


def test_nothing_comes_back_onto_ground_that_is_gone(given, flow):
    stone = given.deleted("integration", flow.slug)
    orders = given.deleted("data-object", "orders")
    erp = given.deleted("system", "erp")
    with pytest.raises(RestFirst) as refused:
        given.restored(stone)
    assert refused.value.extra["missing"] == ["ERP", "Orders"]
    given.restored(erp)
    given.restored(orders)
    assert given.restored(stone).endpoints.count() == 2
    with pytest.raises(TombstoneMissing):
        given.restored(stone)


def test_a_relation_goes_and_comes_back_with_its_ends(given, flow):
    other = given.integration("other-flow", by="olga")
    Relation.objects.create(
        type="feeds", source_kind="integration", source_id=other.id, target_kind="integration", target_id=flow.id, since=given.now
    )
    seen = given.plan("integration", flow.slug).findings
    assert [(f.group.value, f.slug, f.detail) for f in seen] == [("relations", "other-flow", "fed by")]
    stone = given.deleted("integration", flow.slug)
    assert given.plan("integration", "other-flow").findings == ()
    given.restored(stone)
    assert [f.slug for f in given.plan("integration", "other-flow").findings] == ["orders-to-erp"]


def test_who_is_named_as_the_alternative_stays(given, flow):
    other = given.integration("old-flow", by="olga")
    Integration.objects.filter(pk=other.pk).update(deprecation={"alternative": str(flow.id)})
    given.retired("integration", flow.slug)
    with pytest.raises(DeletionBlocked) as refused:
        step(given, "tombstone", "integration", flow.slug, given.plan("integration", flow.slug).token)
    assert [each["code"] for each in refused.value.extra["blockers"]] == ["alternatives"]


def test_owners_delete_their_integrations_and_administrators_the_rest(given, flow):
    with pytest.raises(NotYourIntegration):
        given.plan("integration", flow.slug, by="eve")
    with pytest.raises(AdministratorsOnly):
        given.plan("system", "erp", by="olga")
    System.objects.filter(slug="shop").update(team=given.team("payments"))
    given.retired("system", "shop", by="olga")
    token = given.plan("system", "shop", by="olga").token
    with pytest.raises(AdministratorsOnly):
        step(given, "tombstone", "system", "shop", token, by="olga")
    stone = given.deleted("integration", flow.slug, by="olga")
    with pytest.raises(AdministratorsOnly):
        given.restored(stone, by="olga")


def test_a_hidden_integration_is_missing(given, flow):
    given.integration("secret", by="olga", visibility="restricted")
    with pytest.raises(IntegrationMissing):
        given.plan("integration", "secret", by="eve")


def test_retirement_in_the_landscape_can_be_taken_back(given, flow):
    given.retired("system", "erp")
    by = given.by("root")
    deletion.reinstate(kind=EntityKind.SYSTEM, slug="erp", **by)
    given.integration("another", endpoints=ends("erp"))
    with pytest.raises(NotRetired):
        deletion.reinstate(kind=EntityKind.SYSTEM, slug="erp", **by)
    given.retired("integration", flow.slug)
    with pytest.raises(NotRetired):
        deletion.reinstate(kind=EntityKind.INTEGRATION, slug=flow.slug, **by)


def test_a_taken_name_is_refused_while_its_owner_lives(given, flow):
    with pytest.raises(SlugTaken):
        commands.register_integration(
            slug="ORDERS-to-erp", title="T", purpose="", type="flow", team="payments", tier=3, endpoints=[], **given.by("olga")
        )


def test_over_http(given, flow):
    root, olga, eve = given.api("root"), given.api("olga"), given.api("eve")
    plan = olga.post("/integrations/orders-to-erp/deletion-plan").json()
    assert plan["may_proceed"]
    assert plan["steps"] == [{"step": "retire", "state": "next"}, {"step": "tombstone", "state": "later"}]
    assert [hold["code"] for hold in plan["holds"]] == ["not-retired"]
    assert eve.post("/integrations/orders-to-erp/deletion-plan").status_code == 403
    used = root.post("/systems/erp/deletion-plan").json()
    assert used["dependants"][0]["items"] == [
        {"kind": "integration", "slug": "orders-to-erp", "title": "Orders to erp", "detail": "target, create Orders"}
    ]
    assert used["dependants"][0]["blocks"] == "tombstone"
    retired = olga.post("/integrations/orders-to-erp/retire", {"token": plan["token"]})
    assert retired.status_code == 200
    assert retired["Audit-Event"]
    stale = olga.post("/integrations/orders-to-erp/tombstone", {"token": plan["token"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "plan-moved")
    gone = olga.post("/integrations/orders-to-erp/tombstone", {"token": retired.json()["token"]})
    assert gone.status_code == 201, gone.content
    assert olga.get("/tombstones").status_code == 403
    [stone] = root.get("/tombstones").json()["results"]
    assert (stone["slug"], stone["kind"], stone["team"], stone["by"]) == ("orders-to-erp", "integration", "payments", "olga")
    assert root.get("/tombstones?kind=system").json()["results"] == []
    given.integration("orders-to-erp-2", by="olga")
    back = root.post(f"/tombstones/{stone['id']}/restore")
    assert back.status_code == 200, back.content
    assert back.json()["id"] == str(flow.id)
    assert olga.get("/integrations/orders-to-erp").json()["stage"] == "rejected"
    assert root.post(f"/tombstones/{stone['id']}/restore", {}).status_code == 404


def test_a_data_object_of_a_deleted_one_is_named_anew(given, flow):
    given.data_object("legacy-things")
    given.deleted("data-object", "legacy-things")
    with pytest.raises(DataObjectMissing):
        landscape.data_object_by_slug("legacy-things")


class TestLandscape:
    """What each kind is held by, until that is gone."""

    def blocked(self, given, kind, slug):
        given.retired(kind, slug)
        with pytest.raises(DeletionBlocked) as refused:
            step(given, "tombstone", kind, slug, given.plan(kind, slug).token)
        return [each["code"] for each in refused.value.extra["blockers"]]

    def test_domains(self, given):
        given.domain("commerce")
        given.domain("orders", parent="commerce")
        given.system("shop", domain="commerce")
        given.data_object("carts", domain="commerce")
        assert self.blocked(given, "domain", "commerce") == ["data-objects", "systems", "domains"]
        with pytest.raises(Invalid):
            given.domain("returns", parent="commerce")
        given.deleted("domain", "orders")
        assert groups(given.plan("domain", "commerce")) == ["data-objects", "systems"]

    def test_components(self, given, flow):
        given.component("rounding")
        given.component_version("rounding")
        given.component_version("rounding", "1.1.0")
        manifest = {**given.flow_manifest(), "pins": [{"component": "rounding", "version": "1.0.0"}]}
        given.release(flow, manifest=manifest)
        assert self.blocked(given, "component", "rounding") == ["pins"]
        later = {**manifest, "pins": [{"component": "rounding", "version": "1.1.0"}]}
        given.release(flow, "2.0.0", manifest=later)
        with pytest.raises(ManifestRefused):
            given.release(given.integration("another"), manifest=manifest)
        stone = given.deleted("integration", flow.slug)
        gone = given.deleted("component", "rounding")
        with pytest.raises(RestFirst):
            given.restored(stone)
        given.restored(gone)
        assert given.restored(stone).releases.count() == 2

    def test_connections_and_templates(self, given):
        given.connection("erp-production")
        assert self.blocked(given, "connection-template", "https-key") == ["connections"]
        assert self.blocked(given, "system", "erp") == ["connections"]
        with pytest.raises(Invalid) as refused:
            given.connection("erp-again")
        assert {fault.pointer for fault in refused.value.errors} == {"/template", "/system"}
        stone = given.deleted("connection", "erp-production")
        given.deleted("connection-template", "https-key")
        given.deleted("system", "erp")
        with pytest.raises(RestFirst):
            given.restored(stone)
        assert disagreements() == []
