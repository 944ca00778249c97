"""Ballots and which of them may count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Choice(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_CHANGES = "request_changes"
    ABSTAIN = "abstain"
    RETRACT = "retract"


@dataclass(frozen=True, slots=True)
class Ballot:
    """One cast vote. `sequence` orders ballots of one change request; no clock is involved."""

    person: UUID
    choice: Choice
    digest: str
    sequence: int
    by_token: bool = False


def latest_on(ballots: Iterable[Ballot], *, digest: str) -> Mapping[UUID, Ballot]:
    """Return each person's latest ballot on `digest`. A ballot on another digest is stale; a retracted one is gone."""
    latest: dict[UUID, Ballot] = {}
    for ballot in sorted(ballots, key=lambda ballot: ballot.sequence):
        if ballot.digest == digest:
            latest[ballot.person] = ballot
    return {person: ballot for person, ballot in latest.items() if ballot.choice is not Choice.RETRACT}
