"""Rows, histories and log agree, after everything that the demo estate does; and what goes behind the log's back is found."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from catalog.models import Integration
from config import integrity
from config.demo.loading import load_demo
from foundation.clock import db_now
from runtime_adapters.models import Runtime
from tests.given.governance import APPROVE

pytestmark = pytest.mark.django_db

GOVERNED = {
    "accounts.team",
    "accounts.user",
    "catalog.component",
    "catalog.connection",
    "catalog.connection_template",
    "catalog.data_object",
    "catalog.document",
    "catalog.domain",
    "catalog.environment",
    "catalog.integration",
    "catalog.roadmap_item",
    "catalog.saved_view",
    "catalog.system",
    "catalog.tier_policy",
    "governance.board",
    "governance.change_request",
    "governance.policy",
    "runtime_adapters.runtime",
}


def test_everything_that_people_edit_is_compared():
    assert {integrity.kind_of(model) for model in integrity.versioned()} == GOVERNED
    own = {kind for kind, _, is_own in integrity.histories() if is_own}
    assert own == GOVERNED - {"catalog.saved_view", "governance.change_request"} | {
        "catalog.flow_endpoint",
        "catalog.live_release",
        "catalog.relation",
    }


def test_the_demo_estate_agrees_with_its_log():
    load_demo(now=db_now())
    assert integrity.findings() == []
    out = StringIO()
    call_command("check_integrity", stdout=out)
    assert "agree with the log" in out.getvalue()


def test_a_change_on_its_way_and_its_edits_agree_with_the_log(given):
    change = given.change_in_review(voted=["ann"])
    change = given.edited(change, reason="Said better.")
    change = given.vote(change, "bob", APPROVE)
    given.deactivated("cid")
    given.documented("orders-to-erp")
    assert integrity.findings() == []


@pytest.mark.parametrize(
    ("behind_its_back", "said"),
    [
        (lambda: Integration.objects.update(version=7), "is at version 7, the log at 1"),
        (lambda: Runtime.history.all().delete(), "no history row says how"),
        (lambda: User.objects.filter(username="olga").get().save(), "the log has no such event"),
    ],
)
def test_a_change_behind_the_logs_back_is_found(given, behind_its_back, said):
    given.change_in_review()
    assert integrity.findings() == []
    behind_its_back()
    assert any(said in str(finding) for finding in integrity.findings())
    with pytest.raises(CommandError):
        call_command("check_integrity", stdout=StringIO())
