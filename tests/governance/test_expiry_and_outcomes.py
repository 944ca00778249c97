"""Time passes by itself; how a change ends follows from how its deployments end; what the checks look at."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from governance.domain.checks import CHECKS, CheckFacts
from governance.domain.expiry import has_expired
from governance.domain.lifecycle import State
from governance.domain.outcomes import Outcome, outcome_of
from governance.domain.requirements import CheckName
from runtime_adapters.domain.states import SETTLED
from runtime_adapters.domain.states import DeploymentState as Ended

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EARLIER, LATER = NOON - timedelta(microseconds=1), NOON + timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("state", "limits", "expired"),
    [
        (State.OPEN, {"review_until": NOON}, True),
        (State.OPEN, {"review_until": LATER}, False),
        (State.OPEN, {"execute_until": EARLIER}, False),
        (State.OPEN, {"not_after": NOON}, True),
        (State.OPEN, {}, False),
        (State.APPROVED, {"review_until": EARLIER}, False),
        (State.APPROVED, {"execute_until": NOON}, True),
        (State.APPROVED, {"execute_until": LATER, "not_after": NOON}, True),
        (State.SCHEDULED, {"execute_until": NOON}, True),
        (State.SCHEDULED, {"not_after": LATER}, False),
        (State.DRAFT, {"review_until": EARLIER, "execute_until": EARLIER, "not_after": EARLIER}, False),
        (State.DISPATCHED, {"review_until": EARLIER, "execute_until": EARLIER, "not_after": EARLIER}, False),
        (State.COMPLETED, {"execute_until": EARLIER}, False),
    ],
)
def test_expiry(state, limits, expired):
    known = {"review_until": None, "execute_until": None, "not_after": None, **limits}
    assert has_expired(state, **known, now=NOON) is expired


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        ([Ended.SUCCEEDED], Outcome.COMPLETED),
        ([Ended.SUCCEEDED, Ended.SUCCEEDED], Outcome.COMPLETED),
        ([Ended.UNHEALTHY], Outcome.FAILED),
        ([Ended.ROLLED_BACK], Outcome.FAILED),
        ([Ended.HALTED], Outcome.FAILED),
        ([Ended.SUPERSEDED], Outcome.SUPERSEDED),
        ([Ended.CANCELLED, Ended.SUPERSEDED], Outcome.FAILED),
        ([Ended.SUPERSEDED, Ended.SUPERSEDED], Outcome.SUPERSEDED),
        ([Ended.CANCELLED, Ended.FAILED], Outcome.FAILED),
        ([Ended.SUCCEEDED, Ended.HALTED], Outcome.PARTIAL),
        ([Ended.SUCCEEDED, Ended.SUPERSEDED], Outcome.PARTIAL),
    ],
)
def test_outcome(ended, outcome):
    assert outcome_of(ended) is outcome


def test_completed_only_when_every_slot_succeeded_and_failed_only_when_none_did():
    for ended in itertools.product(sorted(SETTLED), repeat=3):
        outcome = outcome_of(ended)
        succeeded = ended.count(Ended.SUCCEEDED)
        assert (outcome is Outcome.COMPLETED) == (succeeded == 3)
        assert (outcome is Outcome.PARTIAL) == (0 < succeeded < 3)


FINE = CheckFacts(tier=1, missing_sections=(), active_owners=2, manifest_findings=(), quarantined_on=())


@pytest.mark.parametrize(
    ("name", "changed", "words"),
    [
        (CheckName.DOCUMENTED, {"missing_sections": ("runbook", "support")}, "runbook, support missing"),
        (CheckName.DOCUMENTED, {"missing_sections": ("overview",), "tier": 3}, "overview missing"),
        (CheckName.OWNED, {"active_owners": 0}, "orphan"),
        (CheckName.MANIFEST_VALID, {"manifest_findings": ("/payload: an object is needed",)}, "/payload"),
        (CheckName.NOT_QUARANTINED, {"quarantined_on": ("production / agent",)}, "production / agent"),
    ],
)
def test_a_check_fails_for_its_own_reason_only(name, changed, words):
    assert CHECKS[name](FINE).passed
    finding = CHECKS[name](replace(FINE, **changed))
    assert not finding.passed
    assert words in finding.detail
    assert all(other is name or CHECKS[other](replace(FINE, **changed)).passed for other in CheckName)


def test_every_check_a_policy_may_name_exists():
    assert set(CHECKS) == set(CheckName)


def test_a_detail_fits_its_column_however_much_was_found():
    finding = CHECKS[CheckName.MANIFEST_VALID](replace(FINE, manifest_findings=tuple("x" * 300 for _ in range(9))))
    assert len(finding.detail) <= 500
