"""The lifecycle's pages: what a move needs and who can see to it, moving, acknowledging, publishing and migrating."""

import pytest

from catalog.models import Integration, LifecycleModel
from governance.models import Acknowledgement
from tests.given.lifecycle import simple_lifecycle

pytestmark = pytest.mark.django_db
SHORT = simple_lifecycle(["idea", "run", "end"], [("idea", "run", []), ("run", "end", ["nothing-live"])])
TEXT = """
initial: idea
stages:
  - {key: idea, title: Idea, kind: building}
  - {key: end, title: Ended, kind: final}
moves:
  - {from: idea, to: end, guards: [{name: %s}]}
on_live: null
"""


@pytest.fixture
def orders(given):
    given.administrator()
    given.team("payments", members=["olga"])
    return given.integration("orders-to-erp", by="olga")


def text(response):
    return response.content.decode()


def test_the_page_says_what_each_move_needs_and_who_can_see_to_it(orders, browser):
    page = text(browser("olga").get("/integrations/orders-to-erp/lifecycle"))
    assert "2 of 4 conditions are met" in page
    assert "The reuse check is not answered." in page
    assert "This is for the owning team." in page
    assert "Move to Designed" not in page
    assert "Move to Rejected" in page


def test_an_open_move_is_made_with_its_reason_and_kept(given, orders, browser):
    given.answered(orders)
    olga = browser("olga")
    version = Integration.objects.get(pk=orders.pk).version
    sent = {"to": "designed", "version": version, "reason": "We agreed in the design review."}
    done = olga.post("/integrations/orders-to-erp/lifecycle", sent, follow=True)
    page = text(done)
    assert done.redirect_chain == [("/integrations/orders-to-erp/lifecycle", 302)]
    assert "Moved to Designed." in page
    assert "Proposed → Designed" in page
    assert "We agreed in the design review." in page
    assert "Reuse check answered: The reuse check is answered." in page


def test_a_refused_move_says_why_and_keeps_what_was_written(orders, browser):
    olga = browser("olga")
    refused = olga.post("/integrations/orders-to-erp/lifecycle", {"to": "designed", "version": 1, "reason": "Quick!"})
    assert refused.status_code == 409
    assert "It was not moved." in text(refused)
    moved = olga.post("/integrations/orders-to-erp/lifecycle", {"to": "rejected", "version": 7, "reason": "Too dear."})
    assert moved.status_code == 412
    assert "Somebody changed the integration meanwhile" in text(moved)
    assert "Too dear." in text(moved)
    assert olga.post("/integrations/orders-to-erp/lifecycle", {}).status_code == 422
    assert Integration.objects.get(pk=orders.pk).stage == "proposed"


def test_who_may_only_look_gets_no_button(given, orders, browser):
    given.person("eve")
    page = text(browser("eve").get("/integrations/orders-to-erp/lifecycle"))
    assert "Move to Rejected" not in page
    assert "administrators move it" in page
    assert browser("eve").post("/integrations/orders-to-erp/lifecycle", {"to": "rejected", "version": 1}).status_code == 403


def test_a_hidden_integration_has_no_page(given, browser):
    given.integration("hidden", team="payments", visibility="restricted")
    given.person("eve")
    for path in ("lifecycle", "acknowledge"):
        assert browser("eve").post(f"/integrations/hidden/{path}", {"to": "rejected", "team": "payments"}).status_code == 404
    assert browser("eve").get("/integrations/hidden/lifecycle").status_code == 404


def test_a_consumer_acknowledges_on_the_page(given, orders, browser):
    given.team("sales", members=["sid"])
    given.relies(given.integration("reports", team="sales"), orders)
    given.team("audit", members=["ida"])
    given.relies(given.integration("secret", team="audit", visibility="restricted"), orders)
    given.at_stage(orders, "deprecated")
    sid = browser("sid")
    before = text(sid.get("/integrations/orders-to-erp/lifecycle"))
    assert 'action="/integrations/orders-to-erp/acknowledge"' in before
    assert "Audit" not in before
    after = text(sid.post("/integrations/orders-to-erp/acknowledge", {"team": "sales"}, follow=True))
    assert "Acknowledged." in after
    assert Acknowledgement.objects.get().team.slug == "sales"


def test_the_model_is_drawn_with_what_each_move_asks(given, orders, browser):
    page = text(browser("olga").get("/lifecycle"))
    assert "Lifecycle, version 1" in page
    assert "No traffic for 30 days" in page
    assert "Publish a new version" not in page
    assert text(browser("root").get("/lifecycle/1")) != page
    assert browser("olga").get("/lifecycle/9").status_code == 404


def test_a_version_is_published_from_text_and_a_fault_names_its_line(given, orders, browser):
    root = browser("root")
    assert "initial: proposed\nstages:\n- key: proposed\n  title: Proposed\n" in text(root.get("/lifecycle/new"))
    refused = root.post("/lifecycle/new", {"title": "Ours", "definition": TEXT % "friday"})
    assert refused.status_code == 422
    assert "Line 7 (/moves/0/guards/0/name)" in text(refused)
    assert "Line 3: " in text(root.post("/lifecycle/new", {"title": "Ours", "definition": "a: 1\nb: [\n"}))
    done = root.post("/lifecycle/new", {"title": "Ours", "definition": TEXT % "nothing-live"}, follow=True)
    assert done.redirect_chain == [("/lifecycle/2", 302)]
    assert LifecycleModel.objects.get(number=2).definition["moves"][0]["guards"] == [{"name": "nothing-live"}]
    assert browser("olga").get("/lifecycle/new").status_code == 403


def test_a_migration_is_tried_before_it_is_done(given, orders, browser):
    given.lifecycle(SHORT)
    root = browser("root")
    assert "From version 1" in text(root.get("/lifecycle/2"))
    assert "Proposed (1)" in text(root.get("/lifecycle/2/from/1"))
    assert root.post("/lifecycle/2/from/1", {"try": "1"}).status_code == 422
    tried = text(root.post("/lifecycle/2/from/1", {"stage-proposed": "run", "try": "1"}))
    assert "1 integration would move" in tried
    assert "Orders to erp" in tried
    assert Integration.objects.get(pk=orders.pk).lifecycle == 1
    done = root.post("/lifecycle/2/from/1", {"stage-proposed": "run", "migrate": "1"}, follow=True)
    assert "1 integration was migrated." in text(done)
    assert "Nothing is on that version" in text(root.get("/lifecycle/2/from/1"))
    page = text(browser("olga").get("/integrations/orders-to-erp/lifecycle"))
    assert "Proposed → Run" in page or "proposed → Run" in page
    assert "migrated from version 1 to 2" in page
    assert browser("olga").get("/lifecycle/2/from/1").status_code == 403
