"""What a tier asks for is data: edited by administrators, in force at once, every version on the record."""

import pytest

from accounts.domain.errors import AdministratorsOnly, Invalid
from catalog.domain.errors import TierMissing
from catalog.domain.ownership import DEFAULTS
from catalog.models import TierPolicy
from catalog.selectors.policies import rules_by_tier, tier_rules
from catalog.services.policies import update_tier_policy
from config.integrity import findings
from foundation.conditional import VersionMoved


def edit(given, tier=1, *, by="root", version=0, **changes):
    given.administrator()
    return update_tier_policy(tier=tier, changes=changes, expected_version=version, **given.by(by))


def test_the_first_edit_is_version_one_and_what_is_not_named_stays(given):
    policy = edit(given, attest_every_days=30)
    assert (policy.version, given.events(policy)) == (1, ["catalog.tier_policy.updated"])
    assert tier_rules(1).attest_every_days == 30
    assert tier_rules(1).owner_roles == DEFAULTS[1].owner_roles
    assert (tier_rules(2), rules_by_tier()[1]) == (DEFAULTS[2], tier_rules(1))
    assert given.facts(policy, "catalog.tier_policy.updated") == {"tier": "1", "changed": ["attest_every_days"]}


def test_rows_history_and_log_agree_after_edits(given):
    edit(given, sections=["overview"])
    edit(given, version=1, owner_roles=["technical-owner", "accountable-team"])
    assert TierPolicy.history.count() == 2
    assert [str(each) for each in findings()] == []
    assert [role.value for role in tier_rules(1).owner_roles] == ["accountable-team", "technical-owner"]


def test_saying_the_same_again_changes_nothing(given):
    assert edit(given, attest_every_days=DEFAULTS[1].attest_every_days).version == 0
    assert not TierPolicy.objects.exists()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"owner_roles": []}, "/owner_roles"),
        ({"owner_roles": ["king"]}, "/owner_roles/0"),
        ({"sections": ["overview", "poems"]}, "/sections/1"),
        ({"attest_every_days": 0}, "/attest_every_days"),
        ({"escalate_after_days": []}, "/escalate_after_days"),
        ({"escalate_after_days": [0, 7, 7]}, "/escalate_after_days"),
        ({"escalate_after_days": [-1, 7]}, "/escalate_after_days/0"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(given, changes, pointer):
    with pytest.raises(Invalid) as refused:
        edit(given, **changes)
    assert [fault.pointer for fault in refused.value.errors] == [pointer]


def test_only_administrators_only_known_tiers_and_only_the_version_that_was_read(given):
    given.person("eve")
    with pytest.raises(AdministratorsOnly):
        edit(given, by="eve", attest_every_days=1)
    with pytest.raises(TierMissing):
        edit(given, tier=4, attest_every_days=1)
    edit(given, attest_every_days=1)
    with pytest.raises(VersionMoved):
        edit(given, attest_every_days=2)


def test_the_documentation_that_is_asked_for_follows_the_policy(given):
    given.team("payments", members=["olga"])
    given.integration("orders", tier=3, by="olga")
    assert given.api("olga").get("/integrations/orders/documents").json()["missing"] == ["overview"]
    edit(given, tier=3, sections=["runbook", "glossary"])
    assert given.api("olga").get("/integrations/orders/documents").json()["missing"] == ["runbook", "glossary"]


def test_over_http(given):
    given.administrator()
    api = given.api("root")
    assert [row["tier"] for row in api.get("/tier-policies").json()["results"]] == [1, 2, 3]
    shown = api.get("/tier-policies/2")
    assert (shown.json()["version"], shown["ETag"]) == (0, '"0"')
    assert api.put("/tier-policies/2", {"attest_every_days": 10}).status_code == 428
    saved = api.put("/tier-policies/2", {"attest_every_days": 10}, if_match=0)
    assert (saved.json()["attest_every_days"], saved["ETag"], "Audit-Event" in saved) == (10, '"1"', True)
    assert api.put("/tier-policies/2", {"attest_every_days": 11}, if_match=0).status_code == 412
    assert api.get("/tier-policies/9").status_code == 404
    assert given.api("eve").put("/tier-policies/2", {"attest_every_days": 11}, if_match=1).status_code == 403
