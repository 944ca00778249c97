"""Following documents, being told once, and seeing only what one may see."""

import pytest

from accounts.services import users
from audit.models import Event, Leaf
from audit.services.sequence import sequence_all
from catalog.domain.vocabulary import EntityKind
from catalog.services import documents, integrations, renaming
from catalog.services.live import record_live
from governance.domain.notices import Audience, notice_of
from governance.models import Notification, NotifierPlace, Subscription
from governance.services import notifier
from governance.services.notifications import tell
from tests.given.people import SYSTEM

pytestmark = pytest.mark.django_db
SLUG = "orders-to-erp"


@pytest.fixture
def estate(given):
    given.team("payments", members=["bob", "cem"])
    given.integration(SLUG, by="bob")
    return given


def write(given, section="runbook", *, by="bob", slug=SLUG, version=None, body="Words."):
    documents.write_document(integration=slug, section=section, body=body, expected_version=version, **given.by(by))


def edit(given, *, by="bob", slug=SLUG, **changes):
    integrations.update_integration(slug=slug, changes=changes, expected_version=None, **given.by(by))


def follow(given, name, *sections, slug=SLUG):
    assert given.api(name).put(f"/integrations/{slug}/subscription", {"sections": list(sections)}).status_code == 200


def notified(given):
    """The log has its places and was read; how many were told."""
    sequence_all(given.now)
    return notifier.notify_due(now=given.now)


def told(name):
    return list(Notification.objects.filter(user__username=name).order_by("at", "id").values_list("title", flat=True))


@pytest.mark.parametrize(
    ("verb", "facts", "expected"),
    [
        ("catalog.document.written", {"kind": "data-mapping"}, (Audience.FOLLOWERS, "Bob changed the data mapping of Orders")),
        ("catalog.document.verified", {"kind": "runbook"}, (Audience.FOLLOWERS, "Bob verified the runbook of Orders")),
        ("catalog.integration.renamed", {}, (Audience.OWNERS, "Bob renamed Orders")),
        ("catalog.integration.stage_moved", {"stage": "deprecated"}, (Audience.OWNERS, "Orders is deprecated now")),
        ("catalog.integration.updated", {"changed": ["stage"], "stage": "live"}, (Audience.OWNERS, "Orders is live now")),
        ("catalog.integration.updated", {"changed": ["title", "deprecation"]}, (Audience.OWNERS, "Bob changed when Orders ends")),
        ("governance.attestation.answered", {"answer": "disown"}, (Audience.OWNERS, "Bob says that Orders is not theirs")),
        ("governance.attestation.answered", {"answer": "confirm"}, None),
        ("catalog.integration.updated", {"changed": ["title"]}, None),
        ("catalog.release.published", {}, None),
    ],
)
def test_what_is_told_of_which_event(verb, facts, expected):
    notice = notice_of(verb, facts, event="e", integration="i", title="Orders", who="Bob")
    assert (notice and (notice.audience, notice.title)) == expected


def test_an_answer_with_two_events_has_one_key():
    facts = {"answer": "disown", "campaign": "c"}
    verbs = ("catalog.integration.attested", "governance.attestation.answered")
    assert len({notice_of(verb, facts, event=verb, integration="i", title="x", who="y").key for verb in verbs}) == 1


def test_following_is_recorded_once_and_answers_what_is_asked(estate):
    ann = estate.api("ann")
    follow(estate, "ann", "support", "runbook")
    follow(estate, "ann", "runbook", "support")
    row = Subscription.objects.get()
    assert row.sections == ["runbook", "support"]
    assert estate.events(row) == ["governance.subscription.added"]
    assert [one["integration"] for one in ann.get("/subscriptions").json()["results"]] == [SLUG]
    assert ann.put(f"/integrations/{SLUG}/subscription", {"sections": ["poem"]}).status_code == 400
    gone = [ann.delete(f"/integrations/{SLUG}/subscription") for _ in range(2)]
    assert [(one.status_code, one.has_header("Audit-Event")) for one in gone] == [(204, True), (204, False)]
    assert ann.get("/subscriptions").json()["results"] == []


def test_followers_are_told_of_their_sections_and_authors_are_not(estate):
    follow(estate, "ann")
    follow(estate, "bob")
    follow(estate, "eve", "support")
    write(estate, "runbook")
    write(estate, "support")
    assert notified(estate) == 3
    assert told("ann") == ["Bob changed the runbook of Orders to erp", "Bob changed the support of Orders to erp"]
    assert told("eve") == ["Bob changed the support of Orders to erp"]
    assert told("bob") == []
    assert Notification.objects.filter(path=f"/integrations/{SLUG}/documents/support").count() == 2


def test_the_author_is_not_told_of_what_his_token_did(estate):
    follow(estate, "bob")
    assert estate.api("bob").put(f"/integrations/{SLUG}/documents/runbook", {"body": "By token."}).status_code == 201
    assert notified(estate) == 0


def test_owners_are_told_of_names_and_stages(estate):
    integration = estate.integration(SLUG)
    edit(estate, title="Another title")
    assert notified(estate) == 0
    release, production = estate.release(integration), estate.environment("production")
    record_live(integration_id=integration.id, environment_id=production.id, runtime_key="r", release_id=release.id, at=estate.now)
    notified(estate)
    assert told("bob") == told("cem") == ["Another title is live now"]


def test_nothing_is_told_twice_and_nothing_left_out_when_a_run_breaks_off(estate, monkeypatch):
    follow(estate, "ann")
    for number, section in enumerate(("runbook", "support", "overview")):
        write(estate, section)
        if number == 0:
            notified(estate)
    sequence_all(estate.now)
    at = NotifierPlace.objects.get().next_index
    calls = []

    def broken(*args, **more):
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return tell(*args, **more)

    monkeypatch.setattr(notifier, "tell", broken)
    with pytest.raises(RuntimeError):
        notifier.notify_due(now=estate.now)
    monkeypatch.setattr(notifier, "tell", tell)
    assert (len(told("ann")), NotifierPlace.objects.get().next_index) == (1, at)
    assert notifier.notify_due(now=estate.now) == 2
    NotifierPlace.objects.update(next_index=0)  # told, and the place on which it was noted lost: a crash between the two
    assert notifier.notify_due(now=estate.now) == 0
    assert len(told("ann")) == 3
    assert NotifierPlace.objects.get().next_index == Leaf.objects.count()


def test_small_batches_read_the_whole_log(estate, monkeypatch):
    monkeypatch.setattr(notifier, "BATCH", 3)
    monkeypatch.setattr(notifier, "BATCHES", 2)
    follow(estate, "ann")
    for number in range(1, 8):
        write(estate, version=number - 1 or None, body=f"{number}")
    sequence_all(estate.now)
    runs = 0
    while NotifierPlace.objects.filter(next_index=Leaf.objects.count()).count() == 0:
        before = NotifierPlace.objects.values_list("next_index", flat=True).first() or 0
        notifier.notify_due(now=estate.now)
        runs += 1
        assert 0 < NotifierPlace.objects.get().next_index - before <= 6
    assert runs > 2
    assert len(told("ann")) == 7


def test_who_loses_sight_is_told_nothing_more_and_sees_nothing_of_before(estate):
    follow(estate, "ann")
    write(estate, "runbook")
    notified(estate)
    ann = estate.api("ann")
    assert ann.get("/notifications").json()["unread"] == 1
    edit(estate, visibility="restricted")
    write(estate, "support")
    assert notified(estate) == 0
    assert ann.get("/notifications", count="true").json() == {"results": [], "next": None, "count": 0, "unread": 0}
    assert ann.get("/subscriptions").json()["results"] == []
    one = Notification.objects.get()
    assert ann.post(f"/notifications/{one.pk}/read").status_code == 404
    assert ann.post("/notifications/read-all").json() == {"read": 0}
    edit(estate, visibility="organisation")
    assert [row["title"] for row in ann.get("/notifications").json()["results"]] == ["Bob changed the runbook of Orders to erp"]


def test_what_is_deleted_is_neither_shown_nor_counted(estate):
    tell([estate.person("ann").pk], kind="plain", key="k1", title="About nothing", now=estate.now)
    integration = estate.integration(SLUG)
    tell([estate.person("ann").pk], kind="x", key="k2", title="About it", integration_id=integration.pk, now=estate.now)
    ann = estate.api("ann")
    assert ann.get("/notifications").json()["unread"] == 2
    type(integration).objects.filter(pk=integration.pk).update(tombstoned_at=estate.now)
    shown = ann.get("/notifications").json()
    assert ([row["title"] for row in shown["results"]], shown["unread"]) == (["About nothing"], 1)


def test_reading_counts_once_and_is_nobody_elses(estate):
    for key in ("a", "b", "c"):
        tell([estate.person("ann").pk], kind="plain", key=key, title=key, now=estate.later(minutes=1))
    ann, eve = estate.api("ann"), estate.api("eve")
    page = ann.get("/notifications", limit=2).json()
    assert [row["title"] for row in page["results"]] == ["c", "b"]
    assert [row["title"] for row in ann.get("/notifications", limit=2, cursor=page["next"]).json()["results"]] == ["a"]
    path = f"/notifications/{page['results'][0]['id']}/read"
    assert eve.post(path).status_code == 404
    first, again = ann.post(path), ann.post(path)
    assert first.json()["read_at"] == again.json()["read_at"] is not None
    assert (first.has_header("Audit-Event"), again.has_header("Audit-Event")) == (True, False)
    assert len(ann.get("/notifications", unread="true").json()["results"]) == 2
    assert ann.post("/notifications/read-all").json() == {"read": 2}
    assert ann.get("/notifications").json()["unread"] == 0
    assert Event.objects.filter(verb="governance.notifications.read").count() == 2


def test_whose_account_is_closed_is_told_nothing(estate):
    follow(estate, "ann")
    users.deactivate_user(username="ann", actor=SYSTEM, now=estate.now)
    write(estate)
    assert notified(estate) == 0


def test_a_rename_is_told_and_leads_to_the_new_name(estate):
    who = {"actor": estate.actor("bob"), "now": estate.now}
    renaming.rename(EntityKind.INTEGRATION, estate.integration(SLUG), "orders-out", expected_version=None, **who)
    notified(estate)
    assert told("cem") == ["Bob renamed Orders to erp"]
    assert Notification.objects.get().path == "/integrations/orders-out"
