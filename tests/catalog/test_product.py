"""An integration as a product: what its blocks may hold, who is named in them, and how a change of them is told."""

from datetime import date

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from accounts.domain.errors import Invalid
from accounts.domain.inputs import Reading
from accounts.services import users
from catalog.domain import product
from catalog.models import FieldSource, Integration
from catalog.selectors import history
from catalog.selectors import integrations as selectors
from catalog.services.integrations import update_integration
from tests.given.people import SYSTEM

SUPPORT = {"channel": "#erp", "hours": "24/7", "response_target": "1 hour", "escalation": "Call ops", "runbook": "https://wiki.example/erp"}
POLICY = {"notice_days": 14, "maintenance_window": "Sundays", "approval": "change board", "text": "By mail"}
SECRET = "ghp_" + "a1B2" * 9


def faults(reader, value):
    reading = Reading()
    read = reader(reading, "block", value)
    return read, [(fault.pointer, fault.code) for fault in reading.faults]


@pytest.mark.parametrize(
    ("reader", "value", "kept"),
    [
        (product.support, SUPPORT, SUPPORT),
        (product.support, {"channel": "  #erp ", "hours": "", "runbook": None}, {"channel": "#erp"}),
        (product.support, None, {}),
        (product.change_policy, POLICY, POLICY),
        (product.change_policy, {"notice_days": 0, "text": ""}, {"notice_days": 0}),
        (product.deprecation, {"effective_on": date(2027, 1, 1)}, {"effective_on": "2027-01-01"}),
        (product.deprecation, {"effective_on": "2027-01-01", "removal_on": "2027-01-01"}, None),
        (product.labels, {"b": "2", "a.b/c-d_e": ""}, {"a.b/c-d_e": "", "b": "2"}),
        (product.ai_use, [{"model": "m", "data": ["Customer"], "leaves": True}], None),
    ],
    ids=["whole", "empty left out", "none", "policy", "no notice is a promise", "a date", "the same day", "labels sorted", "models"],
)
def test_what_is_sound_is_kept(reader, value, kept):
    assert faults(reader, value) == (value if kept is None else kept, [])


@pytest.mark.parametrize(
    ("reader", "value", "fault"),
    [
        (product.support, [], ("/block", "type")),
        (product.support, {"phone": "1"}, ("/block/phone", "unknown-field")),
        (product.support, {"channel": "a\nb"}, ("/block/channel", "bad-text")),
        (product.support, {"channel": "x" * 201}, ("/block/channel", "length")),
        (product.support, {"channel": 7}, ("/block/channel", "type")),
        (product.support, {"escalation": SECRET}, ("/block/escalation", "secret-github-token")),
        (product.support, {"runbook": "javascript:alert(1)"}, ("/block/runbook", "link")),
        (product.support, {"runbook": "https://ann@wiki.example/"}, ("/block/runbook", "link")),
        (product.support, {"runbook": "//wiki.example/"}, ("/block/runbook", "link")),
        (product.change_policy, {"notice_days": -1}, ("/block/notice_days", "out-of-range")),
        (product.change_policy, {"notice_days": True}, ("/block/notice_days", "out-of-range")),
        (product.deprecation, {"effective_on": "2027-02-30"}, ("/block/effective_on", "date")),
        (product.deprecation, {"effective_on": "20270101"}, ("/block/effective_on", "date")),
        (product.deprecation, {"effective_on": "2027-02-01", "removal_on": "2027-01-31"}, ("/block/removal_on", "before-effective")),
        (product.labels, {"has blank": "x"}, ("/block/has blank", "label-key")),
        (product.labels, {"": "x"}, ("/block/", "label-key")),
        (product.labels, {"a/b": 1}, ("/block/a~1b", "type")),
        (product.labels, {"password": "hunter2"}, ("/block/password", "secret-named")),
        (product.labels, dict.fromkeys(map(str, range(51)), "x"), ("/block", "too-many")),
        (product.ai_use, [{"model": {"name": "m"}}], ("/block/0/model", "type")),
        (product.ai_use, ["m"], ("/block/0", "type")),
    ],
)
def test_what_is_not_sound_is_named_by_its_place(reader, value, fault):
    assert fault in faults(reader, value)[1]


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_members = st.dictionaries(
    st.sampled_from([*product.SUPPORT, *product.CHANGE_POLICY, *product.DEPRECATION]) | st.text(max_size=5), _anything
)


@drawn(value=_anything | _members, reader=st.sampled_from([product.support, product.change_policy, product.deprecation, product.labels]))
def test_no_value_breaks_a_reader_and_what_it_keeps_it_would_keep_again(reader, value):
    """Whatever a machine sends is read or refused; reading is idempotent, so a round trip changes nothing."""
    kept, found = faults(reader, value)
    if not found:
        assert faults(reader, kept) == (kept, [])


@pytest.fixture
def owned(given, db):
    given.team("payments", members=["bob"])
    return given.integration("orders-to-erp", by="bob")


def update(given, *, by="bob", version=None, provenance=None, **changes):
    asked = {"slug": "orders-to-erp", "changes": changes, "expected_version": version, "provenance": provenance}
    return update_integration(**asked, **given.by(by))


def refused(given, **changes):
    with pytest.raises(Invalid) as error:
        update(given, **changes)
    return [(fault.pointer, fault.code) for fault in error.value.errors]


def test_many_fields_change_as_one_version_one_row_and_one_event(given, owned):
    given.person("cem")
    update(
        given, support=SUPPORT, change_policy=POLICY, labels={"cost-centre": "4711"}, on_call="cem", co_owners=["cem"], reuse_check="None"
    )
    assert given.events(owned) == ["catalog.integration.registered", "catalog.integration.updated"]
    assert given.facts(owned, "catalog.integration.updated")["changed"] == [
        "support",
        "change_policy",
        "labels",
        "on_call",
        "co_owners",
        "reuse_check",
    ]
    assert [row.version for row in Integration.history.order_by("history_id")] == [1, 2]
    assert update(given, support=dict(reversed(SUPPORT.items())), co_owners=["CEM", "cem"]).version == 2


def test_the_history_says_in_names_and_members_what_became_different(given, owned):
    given.person("cem")
    given.integration("new-way", by="bob")
    update(given, support={"channel": "#a"}, labels={"x": "1"}, deprecation={"alternative": "new-way"}, co_owners=["cem"])
    update(given, support={"channel": "#b", "hours": "24/7"}, labels={})
    newest, before, first = history.history_of(Integration.objects.get(slug="orders-to-erp"), given.viewer("bob"))
    assert [(one.field, one.before, one.after) for one in newest.changes] == [
        ("labels.x", "1", None),
        ("support.channel", "#a", "#b"),
        ("support.hours", None, "24/7"),
    ]
    assert [(one.field, one.before, one.after) for one in before.changes] == [
        ("co_owners", [], ["cem"]),
        ("labels.x", None, "1"),
        ("support.channel", None, "#a"),
        ("deprecation.alternative", None, "new-way"),
    ]
    assert all(one.before is None for one in first.changes)


def test_an_alternative_must_be_seen_by_who_names_it_and_is_named_to_who_may_see_it(given, owned):
    given.integration("hidden", team="others", visibility="restricted")
    given.team("others", members=["ann"])
    given.team("payments", members=["ann"])
    assert refused(given, deprecation={"alternative": "hidden"}) == refused(given, deprecation={"alternative": "nowhere"})
    assert refused(given, deprecation={"alternative": "orders-to-erp"}) == [("/deprecation/alternative", "itself")]
    update(given, by="ann", deprecation={"reason": "Old", "alternative": "hidden"})

    def alternative(name):
        return selectors.detail_of("orders-to-erp", given.viewer(name)).alternative

    assert (alternative("ann"), alternative("bob"), alternative("eve")) == ("hidden", None, None)
    told = str(history.history_of(owned, given.viewer("bob")))
    assert "hidden" not in told
    assert "hidden" in str(history.history_of(owned, given.viewer("ann")))


def test_an_alternative_that_is_not_mentioned_stays_and_goes_when_it_is_emptied(given, owned):
    """Who may not see the alternative can correct the dates without removing it unknowingly."""
    given.integration("new-way", by="bob")
    update(given, deprecation={"alternative": "new-way"})
    kept = update(given, deprecation={"reason": "Old"}).deprecation
    assert (kept["reason"], "alternative" in kept) == ("Old", True)
    assert update(given, deprecation={"reason": "Old", "alternative": None}).deprecation == {"reason": "Old"}
    update(given, deprecation={"alternative": "new-way"})
    assert update(given, deprecation=None).deprecation == {}


def test_owners_are_active_accounts_but_one_that_left_does_not_block_other_edits(given, owned):
    given.person("cem")
    update(given, on_call="cem", data_steward="cem", co_owners=["cem", "bob"])
    users.deactivate_user(username="cem", actor=SYSTEM, now=given.now)
    assert update(given, on_call="cem", co_owners=["cem"], title="Other").version == 3
    assert refused(given, technical_owner="cem", co_owners=["cem", "nobody"]) == [
        ("/technical_owner", "unknown-user"),
        ("/co_owners/1", "unknown-user"),
    ]


def test_a_person_s_edit_ends_a_machine_s_claim_on_the_field_and_a_machine_s_does_not(given, owned):
    def claims(*fields):
        for name in fields:
            at = {"label": "repo", "path": "a.json", "value_digest": "sha256:" + "0" * 64, "at": given.now}
            FieldSource.objects.create(integration=owned, field=name, **at)

    claims("title", "purpose", "endpoints")
    update(given, purpose="By a machine", provenance="repo")
    assert FieldSource.objects.count() == 3
    update(given, title="By a person", purpose="By a machine")
    assert set(FieldSource.objects.values_list("field", flat=True)) == {"purpose", "endpoints"}


def test_what_models_a_flow_calls_is_written_by_imports_only(given, owned):
    assert refused(given, ai_use=[]) == [("/ai_use", "read-only")]
    assert update(given, ai_use=[{"model": "m"}], provenance="repo").ai_use == [{"model": "m"}]


def test_over_http_the_blocks_come_back_whole_and_can_be_sent_again(given, owned):
    api = given.api("bob")
    given.integration("new-way", by="bob")
    sent = {"support": SUPPORT, "change_policy": POLICY, "deprecation": {"effective_on": "2027-01-31", "alternative": "new-way"}}
    answer = api.patch("/integrations/orders-to-erp", {**sent, "co_owners": ["bob"], "labels": {"a": "1"}}, if_match=1)
    told = answer.json()
    assert answer.status_code == 200, told
    assert told["deprecation"] == {
        "effective_on": "2027-01-31",
        "removal_on": None,
        "alternative": "new-way",
        "documentation": "",
        "reason": "",
    }
    assert told == api.get("/integrations/orders-to-erp").json()
    assert (told["co_owners"], told["lifecycle"], told["attested_at"], told["observed_at"]) == (["bob"], 1, None, None)
    again = {name: told[name] for name in ("support", "change_policy", "deprecation", "labels", "co_owners", "reuse_check")}
    assert api.patch("/integrations/orders-to-erp", again, if_match=2)["ETag"] == '"2"'
    wrong = api.patch("/integrations/orders-to-erp", {"support": {"runbook": "ftp://x"}, "labels": {"a b": "1"}}, if_match=2)
    assert (wrong.status_code, [fault["pointer"] for fault in wrong.json()["errors"]]) == (422, ["/labels/a b", "/support/runbook"])
    assert given.api("eve").get("/integrations/orders-to-erp").json()["support"]["channel"] == "#erp"
