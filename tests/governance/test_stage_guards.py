"""Each guard of the lifecycle: what it lets through, what it does not, and that it always says what to do and who can."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.domain import lifecycle
from catalog.domain.consumers import Tie, consumers
from catalog.domain.lifecycle import Guard
from governance.domain.stage_facts import Facts
from governance.domain.stages import GUARDS, findings
from tests.given import NOON

NOTHING = Facts(now=NOON)
FULL = Facts(
    now=NOON,
    active_members=1,
    systems=("Shop", "ERP"),
    roles=frozenset({"source", "target"}),
    reuse_answered=True,
    release="1.0.0",
    production=("Production",),
    completed_change=7,
    live_in_production=("Production",),
    live_in=("Production",),
    expected_in=("Production",),
    support=frozenset({"channel", "hours"}),
    open_items=1,
    effective_on=date(2026, 11, 1),
    removal_on=date(2026, 11, 23),
    has_alternative=True,
)
DAYS = {"no-traffic-for-days": {"days": 30}}


def judged(name: str, facts: Facts) -> Any:
    [finding] = findings([Guard(name, DAYS.get(name, {}))], facts)
    return finding


def days_ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def test_the_registry_of_names_is_the_registry_of_rules():
    """What a definition may name is exactly what can be judged."""
    assert list(GUARDS) == list(lifecycle.GUARDS)


@pytest.mark.parametrize(
    ("name", "facts", "passes", "words"),
    [
        ("owning-team", FULL, True, "active"),
        ("owning-team", replace(FULL, active_members=0), False, "Nobody active"),
        ("owner-roles", FULL, True, "tier 3"),
        ("owner-roles", replace(FULL, missing_roles=("technical-owner", "on-call")), False, "technical owner, on call"),
        ("systems-and-data-named", FULL, True, "Shop, ERP"),
        ("systems-and-data-named", replace(FULL, roles=frozenset({"source"})), False, "no target"),
        ("systems-and-data-named", NOTHING, False, "no source and no target"),
        ("systems-and-data-named", replace(FULL, without_object=("ERP",)), False, "ERP"),
        ("reuse-check-answered", FULL, True, "answered"),
        ("reuse-check-answered", NOTHING, False, "not answered"),
        ("contract-or-classification-set", FULL, True, "not looked at yet"),
        ("contract-or-classification-set", NOTHING, False, "data object"),
        ("contract-or-classification-set", replace(FULL, without_object=("ERP",)), False, "data object"),
        ("contract-or-classification-set", replace(FULL, unconfirmed_objects=("Orders",)), False, "Orders"),
        ("connection-templates-chosen", FULL, True, "Every system"),
        ("connection-templates-chosen", NOTHING, False, "none is named"),
        ("connection-templates-chosen", replace(FULL, unconnected_systems=("ERP",)), False, "ERP"),
        ("connection-templates-chosen", replace(FULL, unconnected_systems=("ERP",), manifest_connections=1), True, "manifest"),
        ("release-exists", FULL, True, "1.0.0"),
        ("release-exists", NOTHING, False, "No release"),
        ("checks-pass", FULL, True, "1.0.0"),
        ("checks-pass", NOTHING, False, "no release"),
        ("checks-pass", replace(FULL, manifest_faults=("/manifest/x is odd",)), False, "/manifest/x is odd"),
        ("checks-pass", replace(FULL, failed_checks=("owned: nobody",)), False, "owned: nobody"),
        ("documents-complete", FULL, True, "up to date"),
        ("documents-complete", replace(FULL, missing_sections=("runbook",)), False, "runbook"),
        ("documents-complete", replace(FULL, stale_sections=("overview",)), False, "fallen behind"),
        ("production-change-completed", FULL, True, "CR-7"),
        ("production-change-completed", replace(FULL, completed_change=None), False, "No change"),
        ("observed-in-production", FULL, True, "Production"),
        ("observed-in-production", replace(FULL, live_in_production=()), False, "No runtime"),
        ("health-expectation-set", FULL, True, "Production"),
        ("health-expectation-set", replace(FULL, expected_in=()), False, "silence"),
        ("support-model-set", FULL, True, "whom to reach"),
        ("support-model-set", replace(FULL, support=frozenset({"channel"})), False, "hours"),
        ("roadmap-or-breach", FULL, True, "items: 1"),
        ("roadmap-or-breach", replace(FULL, open_items=0, breaches=("Production (failing)",)), True, "failing"),
        ("roadmap-or-breach", NOTHING, False, "nothing to improve"),
        ("roadmap-done", FULL, True, "No roadmap item is under work"),
        ("roadmap-done", replace(FULL, items_under_work=2), False, "under work: 2"),
        ("roadmap-done", replace(FULL, breaches=("Production (late)",)), False, "late"),
        ("deprecation-dates", FULL, True, "2026-11-23"),
        ("deprecation-dates", replace(FULL, removal_on=None), False, "when it is removed"),
        ("deprecation-dates", NOTHING, False, "takes effect and when"),
        ("alternative-named", FULL, True, "alternative"),
        ("alternative-named", NOTHING, False, "no alternative"),
        ("consumers-notified", NOTHING, True, "told by this move"),
        ("consumers-notified", replace(FULL, deaf_consumers=("Sales",)), False, "Sales"),
        ("consumers-notified", replace(FULL, hidden_deaf=True), False, "may not see"),
        ("removal-date-passed", FULL, True, "has come"),
        ("removal-date-passed", replace(FULL, removal_on=date(2026, 11, 24)), False, "2026-11-24"),
        ("removal-date-passed", NOTHING, False, "No removal day"),
        ("nothing-live", NOTHING, True, "nowhere"),
        ("nothing-live", FULL, False, "Production"),
        ("consumers-acknowledged", NOTHING, True, "acknowledged"),
        ("consumers-acknowledged", replace(FULL, waiting_consumers=("Sales", "Ops")), False, "Sales, Ops"),
        ("consumers-acknowledged", replace(FULL, hidden_waiting=True), False, "may not see"),
        ("no-traffic-for-days", NOTHING, True, "runs nowhere"),
        ("no-traffic-for-days", replace(NOTHING, last_run_at=days_ago(30)), True, "2026-10-24"),
        ("no-traffic-for-days", replace(NOTHING, last_run_at=days_ago(29.9)), False, "less than 30 days"),
        ("no-traffic-for-days", FULL, False, "silence is not evidence"),
        ("no-traffic-for-days", replace(NOTHING, last_delivery_at=days_ago(3)), False, "last delivered"),
        ("no-traffic-for-days", replace(NOTHING, last_delivery_at=days_ago(31)), True, "runs nowhere"),
    ],
)
def test_a_guard_says_what_it_found(name: str, facts: Facts, passes: bool, words: str):
    finding = judged(name, facts)
    assert (finding.guard, finding.passed) == (name, passes)
    assert words in finding.detail
    assert bool(finding.remedy) == bool(finding.who) == (not passes)
    assert finding.detail in finding.sentence


def test_every_guard_can_fail():
    """A condition that nothing can break asks for nothing."""
    worst = replace(
        NOTHING,
        missing_roles=("on-call",),
        live_in=("Production",),
        missing_sections=("overview",),
        items_under_work=1,
        deaf_consumers=("Sales",),
        waiting_consumers=("Sales",),
    )
    assert [name for name in GUARDS if judged(name, worst).passed] == []


titles = st.lists(st.sampled_from(["Sales", "Ops", "ERP", "Shop", "Production"]), max_size=7).map(tuple)
any_facts = st.builds(
    Facts,
    now=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001 - made aware
    tier=st.integers(1, 3),
    active_members=st.integers(0, 3),
    missing_roles=titles,
    systems=titles,
    roles=st.frozensets(st.sampled_from(["source", "target", "reply"])),
    without_object=titles,
    unconfirmed_objects=titles,
    unconnected_systems=titles,
    manifest_connections=st.integers(0, 2),
    reuse_answered=st.booleans(),
    release=st.sampled_from(["", "1.0.0"]),
    manifest_faults=titles,
    failed_checks=titles,
    missing_sections=titles,
    stale_sections=titles,
    production=titles,
    completed_change=st.none() | st.integers(1, 9),
    live_in_production=titles,
    expected_in=titles,
    support=st.frozensets(st.sampled_from(["channel", "hours", "runbook"])),
    open_items=st.integers(0, 2),
    items_under_work=st.integers(0, 2),
    breaches=titles,
    effective_on=st.none() | st.dates(),
    removal_on=st.none() | st.dates(),
    has_alternative=st.booleans(),
    deaf_consumers=titles,
    waiting_consumers=titles,
    hidden_deaf=st.booleans(),
    hidden_waiting=st.booleans(),
    live_in=titles,
    last_run_at=st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
    last_delivery_at=st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
)


@given(any_facts, st.integers(1, 3650))
@settings(max_examples=300, deadline=None)
def test_whatever_the_facts_each_guard_answers_once_and_says_what_to_do(facts: Facts, days: int):
    asked = [Guard(name, {"days": days} if name in DAYS else {}) for name in GUARDS]
    found = findings(asked, facts)
    assert [finding.guard for finding in found] == list(GUARDS)
    for finding in found:
        assert finding.detail.endswith(".")
        assert bool(finding.remedy) == bool(finding.who) == (not finding.passed)


@given(any_facts, st.integers(1, 3650), st.integers(1, 3650))
@settings(max_examples=200, deadline=None)
def test_longer_quiet_is_never_easier(facts: Facts, one: int, other: int):
    """What holds for many days holds for fewer."""
    fewer, more = (findings([Guard("no-traffic-for-days", {"days": days})], facts)[0].passed for days in sorted((one, other)))
    assert fewer or not more


A, B, C, D = (UUID(int=n) for n in range(1, 5))
OURS, THEIRS, OTHERS = (UUID(int=n) for n in range(11, 14))


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ([], set()),
        ([("depends-on", B, A)], {THEIRS}),
        ([("uses", B, A), ("calls", C, A)], {THEIRS, OTHERS}),
        ([("feeds", A, B)], {THEIRS}),
        ([("part-of", A, B)], {THEIRS}),
        ([("depends-on", A, B), ("uses", A, B), ("calls", A, B)], set()),
        ([("feeds", B, A), ("part-of", B, A)], set()),
        ([("replaces", B, A), ("replaces", A, B), ("duplicates", B, A)], set()),
        ([("depends-on", D, A)], set()),
        ([("depends-on", B, C)], set()),
    ],
    ids=[
        "none",
        "dependant",
        "user and caller",
        "fed",
        "whole",
        "our own needs",
        "our feeders and parts",
        "not reliance",
        "our own",
        "elsewhere",
    ],
)
def test_consumers_are_those_who_rely_on_it(ties: Any, expected: Any):
    owners = {B: THEIRS, C: OTHERS, D: OURS}
    assert consumers(A, OURS, [Tie(*tie) for tie in ties], owners) == expected


def test_what_has_no_team_or_is_gone_is_no_consumer():
    assert consumers(A, OURS, [Tie("uses", B, A), Tie("uses", C, A)], {B: None}) == frozenset()
