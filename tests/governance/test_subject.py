"""The digest that votes bind to: everything a voter decides on is in it, and nothing else."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from governance.domain.subject import Target, subject_digest, subject_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)
TARGETS = [Target(A, "sha256:pa", "sha256:ra", "sha256:ba"), Target(B, "sha256:pb", "sha256:rb", "")]
WHOLE = {
    "action": "deploy",
    "change_class": "normal",
    "release_digest": "sha256:r",
    "targets": TARGETS,
    "not_before": None,
    "not_after": NOON,
}


def digest(**changed):
    return subject_digest(subject_of(**{**WHOLE, **changed}))


@pytest.mark.parametrize(
    "changed",
    [
        {"action": "retire"},
        {"change_class": "rollback"},
        {"release_digest": "sha256:s"},
        {"targets": TARGETS[:1]},
        {"targets": [TARGETS[0], Target(B, "sha256:other", "sha256:rb", "")]},
        {"targets": [TARGETS[0], Target(B, "sha256:pb", "sha256:elsewhere", "")]},
        {"targets": [TARGETS[0], Target(B, "sha256:pb", "sha256:rb", "sha256:moved")]},
        {"not_before": NOON - timedelta(hours=1)},
        {"not_after": NOON + timedelta(microseconds=1)},
        {"not_after": None},
    ],
    ids=["action", "class", "release", "fewer slots", "payload", "runtime set-up", "what it replaces", "opens", "closes", "never closes"],
)
def test_anything_voters_decide_on_changes_the_digest(changed):
    assert digest(**changed) != digest()


def test_the_order_of_targets_does_not():
    assert digest(targets=TARGETS[::-1]) == digest()


def test_the_same_instant_in_another_zone_does_not():
    """PostgreSQL gives instants back in UTC, however they came in."""
    berlin = NOON.astimezone(timezone(timedelta(hours=1)))
    assert digest(not_after=berlin) == digest()


def test_the_digest_is_stable():
    """A golden value: votes in old logs must verify for ever."""
    assert digest() == GOLDEN


GOLDEN = "sha256:9041ec76fc896fef98a67d6c0aff8e6b1ed844f7e67edce21f48823e8409317f"
