"""Moving along the lifecycle: every guard is asked, a refusal names all that failed, what passed is kept as evidence."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.domain.errors import NotYourIntegration
from catalog.domain.vocabulary import EntityKind
from catalog.models import Connection, ConnectionTemplate, Integration, LiveRelease, ObservationClock, RoadmapItem
from catalog.services import integrations
from config.integrity import findings
from foundation.ids import uuid7
from governance.domain.errors import GuardsNotMet, NoSuchMove, NotAConsumer, NotLeaving, NotYourTeam
from governance.models import Acknowledgement, Notification, StageMove
from governance.selectors.consumers import consumers_of
from governance.selectors.stages import moves_of
from governance.services.acknowledgements import acknowledge
from runtime_adapters.models import Expectation, HealthReading
from tests.given.lifecycle import simple_lifecycle

pytestmark = pytest.mark.django_db
OWNED = ["owning-team", "owner-roles", "systems-and-data-named", "reuse-check-answered"]


@pytest.fixture
def orders(given):
    given.administrator()
    given.team("payments", members=["olga"])
    return given.integration("orders-to-erp", by="olga")


@pytest.fixture
def olga(given, orders):
    return given.api("olga")


@pytest.fixture
def deprecated(given, orders):
    """Deprecated, with one team that relies on it and one whose reliance is hidden from its owners."""
    given.answered(orders)
    given.team("sales", members=["sid"])
    given.team("audit", members=["ida"])
    given.relies(given.integration("reports", team="sales"), orders)
    given.relies(given.integration("secret-reports", team="audit", visibility="restricted"), orders, "uses")
    given.at_stage(orders, "live")
    return given.moved(orders, "deprecated", by="olga")


def errors_of(refused):
    return [error.code for error in refused.value.errors]


def test_looking_tells_what_each_move_needs_and_writes_nothing(given, orders, olga):
    answer = olga.get("/integrations/orders-to-erp/stage")
    told = answer.json()
    assert (told["stage"], told["kind"], told["lifecycle"], told["may_move"], answer["ETag"]) == ("proposed", "building", 1, True, '"1"')
    assert [move["to"] for move in told["moves"]] == ["designed", "rejected"]
    designed = {finding["guard"]: finding["passed"] for finding in told["moves"][0]["guards"]}
    assert designed == {"owning-team": True, "owner-roles": False, "systems-and-data-named": True, "reuse-check-answered": False}
    assert [finding["who"] for finding in told["moves"][0]["guards"] if not finding["passed"]] == ["the owning team"] * 2
    assert not StageMove.objects.exists()
    orders.refresh_from_db()
    assert (orders.stage, orders.version) == ("proposed", 1)


def test_a_refusal_names_every_guard_that_failed(orders, olga):
    answer = olga.post("/integrations/orders-to-erp/stage", {"to": "designed", "reason": "x"}, if_match=1)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "guards-not-met")
    assert [error["code"] for error in told["errors"]] == ["owner-roles", "reuse-check-answered"]
    assert all(error["pointer"] == "/to" and "the owning team" in error["detail"] for error in told["errors"])
    assert not StageMove.objects.exists()


@pytest.mark.parametrize("to", ["live", "proposed", "no-such-stage"])
def test_no_such_move_says_which_there_are(orders, olga, to):
    answer = olga.post("/integrations/orders-to-erp/stage", {"to": to}, if_match=1)
    assert (answer.status_code, answer.json()["code"], answer.json()["moves"]) == (409, "no-such-move", ["designed", "rejected"])


def test_a_passed_move_is_one_version_with_its_evidence(given, orders, olga):
    given.answered(orders)
    version = Integration.objects.get(pk=orders.pk).version
    answer = olga.post("/integrations/orders-to-erp/stage", {"to": "designed", "reason": "We agreed."}, if_match=version)
    assert (answer.status_code, answer.json()["stage"], answer["ETag"]) == (200, "designed", f'"{version + 1}"')
    facts = given.facts(orders, "catalog.integration.stage_moved")
    assert (facts["guards"], facts["stage"], facts["previous_stage"]) == (OWNED, "designed", "proposed")
    [move] = olga.get("/integrations/orders-to-erp/stage/moves").json()["results"]
    assert (move["origin"], move["by"], move["reason"], move["to_stage"]) == ("person", "olga", "We agreed.", "designed")
    assert [each["guard"] for each in move["evidence"]] == OWNED
    assert str(StageMove.objects.get().id) == facts["move"]
    assert findings() == []


def test_a_move_needs_the_version_that_was_read(given, orders, olga):
    assert olga.post("/integrations/orders-to-erp/stage", {"to": "rejected"}).status_code == 428
    assert olga.post("/integrations/orders-to-erp/stage", {"to": "rejected"}, if_match=9).status_code == 412
    assert olga.post("/integrations/orders-to-erp/stage", {"to": "rejected"}, if_match=1).status_code == 200


def test_only_those_who_may_change_it_move_it(given, orders):
    given.person("eve")
    with pytest.raises(NotYourIntegration):
        given.moved(orders, "rejected", by="eve")
    assert given.api("eve").get("/integrations/orders-to-erp/stage").json()["may_move"] is False


def test_a_secret_in_the_reason_is_refused(orders, olga):
    answer = olga.post("/integrations/orders-to-erp/stage", {"to": "rejected", "reason": "ghp_" + "a1B2" * 9}, if_match=1)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reason")


def test_from_idea_to_retirement(given):
    """The whole way, by people, approvals and a runtime, each guard met by what really happened."""
    change = given.live_change()
    orders = change.integration
    orders.refresh_from_db()
    assert orders.stage == "live"
    [went_live] = moves_of(orders)
    assert (went_live.origin, went_live.by, went_live.from_stage) == ("went-live", None, "proposed")
    given.answered(orders)
    with pytest.raises(GuardsNotMet) as refused:
        given.moved(orders, "optimizing")
    assert errors_of(refused) == ["roadmap-or-breach"]
    item = RoadmapItem.objects.create(integration=orders, title="Faster", quarter="2027-Q1", state="in-progress")
    given.moved(orders, "optimizing")
    with pytest.raises(GuardsNotMet) as refused:
        given.moved(orders, "live")
    assert errors_of(refused) == ["roadmap-done"]
    RoadmapItem.objects.filter(pk=item.pk).update(state="done")
    given.moved(orders, "live")
    given.moved(orders, "deprecated")
    with pytest.raises(GuardsNotMet) as refused:
        given.moved(orders, "retired")
    assert errors_of(refused) == ["nothing-live", "no-traffic-for-days"]
    LiveRelease.objects.filter(integration=orders).delete()
    given.later(days=31)
    given.moved(orders, "retired")
    assert [move.to_stage for move in moves_of(orders)] == ["retired", "deprecated", "live", "optimizing", "live"]
    with pytest.raises(NoSuchMove):
        given.moved(orders, "live")
    assert {each.kind for each in findings()} <= {"catalog.roadmap_item"}  # it was put there without an event of its own


def test_built_and_tested_ask_for_connections_release_and_documents(given, orders):
    given.at_stage(orders, "designed")
    assert given.guards(orders, "built") == {"contract-or-classification-set": True, "connection-templates-chosen": False}
    template = ConnectionTemplate.objects.create(slug="t", slug_key="t", title="T", protocol="https", auth_type="none")
    for row in orders.endpoints.select_related("system"):
        slug, environment = f"c-{row.system.slug}", given.environment("test")
        Connection.objects.create(
            slug=slug, slug_key=slug, title=slug, template=template, system=row.system, environment=environment, team=orders.team
        )
    assert given.guards(orders, "built")["connection-templates-chosen"] is True
    given.at_stage(orders, "built")
    assert given.guards(orders, "tested") == {"release-exists": False, "checks-pass": False, "documents-complete": False}
    given.release(orders)
    given.documented(orders.slug)
    assert given.guards(orders, "tested") == {"release-exists": True, "checks-pass": True, "documents-complete": True}


def test_a_release_that_names_an_environment_added_later_no_longer_passes(given, orders):
    """The manifest is held against the rules of today, not of the day it was published."""
    given.at_stage(orders, "built")
    manifest = {"runtime_kind": "node-red", "payload": {"flow": [{"url": "https://erp.acceptance.example/orders"}]}}
    given.release(orders, manifest=manifest)
    assert given.guards(orders, "tested")["checks-pass"] is True
    given.environment("acceptance")
    assert given.guards(orders, "tested")["checks-pass"] is False


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([("scan", "passed", None)], True),
        ([("scan", "failed", None)], False),
        ([("scan", "passed", "2026-11-23")], True),
        ([("scan", "passed", "2026-11-22")], False),
        ([("scan", "passed", "2026-11-22"), ("scan", "passed", "2027-01-01")], True),
        ([("scan", "passed", None), ("review", "failed", None)], False),
        ([("document", "informational", "2026-01-01")], True),
    ],
    ids=["passed", "failed", "its last day", "run out", "renewed", "another kind failed", "only told"],
)
def test_evidence_that_failed_or_ran_out_holds_a_release_back(given, orders, entries, expected):
    """A release passes on the evidence it brought, for as long as that evidence says it is good."""
    given.at_stage(orders, "built")
    told = [{"kind": kind, "verdict": verdict, "link": "https://ci.example/1", "valid_until": until} for kind, verdict, until in entries]
    evidence = [{name: value for name, value in entry.items() if value is not None} for entry in told]
    given.release(orders, evidence=evidence)
    assert given.guards(orders, "tested")["checks-pass"] is expected


def test_a_connection_in_the_manifest_will_do(given, orders):
    given.at_stage(orders, "designed")
    given.release(orders)
    assert given.guards(orders, "built")["connection-templates-chosen"] is True


def test_live_asks_for_a_completed_change_news_and_a_promise(given):
    change = given.live_change()
    orders = given.at_stage(change.integration, "tested")
    assert given.guards(orders, "live") == {
        "production-change-completed": True,
        "observed-in-production": True,
        "health-expectation-set": False,
        "support-model-set": False,
    }
    given.answered(orders)
    Expectation.objects.create(integration=orders, environment=given.environment("production"), every_s=60)
    assert all(given.guards(orders, "live").values())
    given.moved(orders, "live")


def test_deprecation_tells_everybody_who_relies_on_it_once(given, deprecated):
    told = Notification.objects.filter(kind="deprecation").order_by("user__username")
    assert [(each.user.username, each.integration_id, each.path) for each in told] == [
        ("ida", deprecated.id, "/integrations/orders-to-erp/lifecycle"),
        ("sid", deprecated.id, "/integrations/orders-to-erp/lifecycle"),
    ]


def test_deprecating_waits_for_somebody_who_can_be_told(given, orders):
    given.answered(orders)
    given.relies(given.integration("reports", team="sales"), orders)
    given.at_stage(orders, "live")
    with pytest.raises(GuardsNotMet) as refused:
        given.moved(orders, "deprecated", by="olga")
    assert errors_of(refused) == ["consumers-notified"]
    assert "Sales" in refused.value.errors[0].detail


def test_retiring_waits_for_every_consumer_and_names_only_those_one_may_know(given, deprecated):
    """A hidden consumer holds the move back, unnamed; looking does not even tell that there is one."""
    assert given.guards(deprecated, "retired", by="olga")["consumers-acknowledged"] is False
    acknowledge(slug="orders-to-erp", team="sales", **given.by("sid"))
    assert given.guards(deprecated, "retired", by="olga")["consumers-acknowledged"] is True
    assert given.guards(deprecated, "retired", by="root")["consumers-acknowledged"] is False
    with pytest.raises(GuardsNotMet) as refused:
        given.moved(deprecated, "retired", by="olga")
    assert errors_of(refused) == ["consumers-acknowledged"]
    assert "Audit" not in refused.value.errors[0].detail
    acknowledge(slug="orders-to-erp", team="audit", **given.by("ida"))
    given.moved(deprecated, "retired", by="olga")
    assert "audit" not in str(StageMove.objects.get(to_stage="retired").evidence).casefold()


def test_a_consumer_that_has_ended_or_is_ours_is_not_asked(given, deprecated):
    given.at_stage(Integration.objects.get(slug="secret-reports"), "retired")
    given.relies(given.integration("another-of-ours"), deprecated)
    found = consumers_of(deprecated, given.viewer("root"))
    assert [(each.slug, each.is_shown) for each in found] == [("sales", True)]


def test_systems_rely_on_it_too(given, orders):
    warehouse = given.team("warehouse", members=["wes"])
    system = given.system("wms", team="warehouse")
    given.relies(system, orders, "uses", EntityKind.SYSTEM)
    assert [each.team_id for each in consumers_of(orders, given.viewer("olga"))] == [warehouse.id]


def test_acknowledging_is_for_members_of_consuming_teams_and_counts_once(given, deprecated):
    sid = given.api("sid")
    first = sid.post("/integrations/orders-to-erp/acknowledge", {"team": "sales"})
    assert (first.status_code, first.json()["team"], first.json()["by"]) == (201, "sales", "sid")
    given.later(days=1)
    assert sid.post("/integrations/orders-to-erp/acknowledge", {"team": "Sales"}).json() == first.json()
    assert given.events(deprecated).count("governance.deprecation.acknowledged") == 1
    with pytest.raises(NotYourTeam):
        acknowledge(slug="orders-to-erp", team="audit", **given.by("sid"))
    with pytest.raises(NotAConsumer):
        acknowledge(slug="orders-to-erp", team="payments", **given.by("olga"))


def test_what_is_not_deprecated_is_not_acknowledged(given, orders):
    given.team("sales", members=["sid"])
    given.relies(given.integration("reports", team="sales"), orders)
    with pytest.raises(NotLeaving):
        acknowledge(slug="orders-to-erp", team="sales", **given.by("sid"))


def test_another_deprecation_is_acknowledged_afresh(given, deprecated):
    """What a team said about the first time says nothing about the second."""
    acknowledge(slug="orders-to-erp", team="sales", **given.by("sid"))
    given.at_stage(deprecated, "suspended")
    given.later(days=1)
    given.moved(deprecated, "deprecated", by="olga")
    assert not Acknowledgement.objects.exists()
    assert Notification.objects.filter(kind="deprecation", user__username="sid").count() == 2


@pytest.mark.parametrize("way", ["a failed run", "a run of content nobody knows", "a success on the clock"])
def test_any_trace_of_use_is_traffic(given, deprecated, way):
    for team, name in (("sales", "sid"), ("audit", "ida")):
        acknowledge(slug="orders-to-erp", team=team, **given.by(name))
    slot = given.slot(deprecated, given.agent("agent", "production"))
    release = given.release(deprecated)
    assert given.guards(deprecated, "retired")["no-traffic-for-days"] is True
    day = {"window_start": given.now, "window_end": given.now, "received_at": given.now, "content_digest": b"x" * 32}
    reading = {"runtime": slot.runtime, "key": str(uuid7()), "slot": slot, "runs_started": 1, **day}
    if way == "a failed run":
        HealthReading.objects.create(**reading, release=release, runs_failed=1)
        from runtime_adapters.models import HealthState

        HealthState.objects.create(slot=slot, integration=deprecated, environment=slot.environment, release=release, since=given.now)
    elif way == "a run of content nobody knows":
        HealthReading.objects.create(**reading)
    else:
        ObservationClock.objects.update_or_create(integration=deprecated, defaults={"last_success_at": given.now})
    assert given.guards(deprecated, "retired")["no-traffic-for-days"] is False
    given.now += timedelta(days=30)
    assert given.guards(deprecated, "retired")["no-traffic-for-days"] is True


def test_the_moves_show_migrations_too(given, orders):
    from catalog.services.lifecycles import migrate_integrations

    given.lifecycle(simple_lifecycle(["idea", "run", "end"], [("idea", "run", []), ("run", "end", [])]))
    migrate_integrations(number=2, source=1, mapping={"proposed": "run"}, is_dry_run=False, **given.by("root"))
    given.later(minutes=1)
    given.moved(orders, "end")
    told = [(move.origin, move.from_stage, move.to_stage, move.from_lifecycle, move.lifecycle) for move in moves_of(orders)]
    assert told == [("person", "run", "end", 2, 2), ("migration", "proposed", "run", 1, 2)]


def test_gathering_the_facts_costs_the_same_however_much_there_is(given, orders, olga):
    """Endpoints, releases, consumers, documents: more of them is not more queries."""

    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert olga.get("/integrations/orders-to-erp/stage").status_code == 200
        return len(asked)

    given.team("sales", members=["sid"])
    given.relies(given.integration("reports", team="sales"), orders)
    given.release(orders)
    given.documented("orders-to-erp")
    cost()  # the token's first use is noted
    first = cost()
    for number in range(4):
        given.team(f"team-{number}", members=[f"person-{number}"])
        given.relies(given.integration(f"reports-{number}", team=f"team-{number}"), orders)
        given.release(orders, f"2.{number}.0")
        RoadmapItem.objects.create(integration=orders, title="More", quarter="2027-Q1")
    changes = {"endpoints": [*given.endpoints(), {"system": given.system("pim").slug, "role": "source", "operation": "read"}]}
    integrations.update_integration(slug="orders-to-erp", changes=changes, expected_version=None, **given.by("olga"))
    assert cost() == first
    assert first <= 36
