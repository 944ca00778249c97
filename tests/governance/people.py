"""Names for persons and contents, and ballots in one word."""

from uuid import UUID

from governance.domain.ballots import Ballot, Choice
from governance.domain.evaluation import CheckOutcome
from governance.domain.requirements import Check, CheckName, Enforcement, Quorum

ANN, BOB, CID, DEE, EVE = (UUID(int=number) for number in range(1, 6))
OLD, NEW = "sha256:" + "0" * 64, "sha256:" + "1" * 64


def ballot(person: UUID, choice: Choice, *, digest: str = NEW, sequence: int = 1, by_token: bool = False) -> Ballot:
    return Ballot(person, choice, digest, sequence, by_token)


def approve(person: UUID, **how) -> Ballot:
    return ballot(person, Choice.APPROVE, **how)


def reject(person: UUID, **how) -> Ballot:
    return ballot(person, Choice.REJECT, **how)


def retract(person: UUID, **how) -> Ballot:
    return ballot(person, Choice.RETRACT, **how)


def quorum(name: str = "board", needs: int = 1, boards: tuple[str, ...] = ("board",), **how) -> Quorum:
    return Quorum(name, needs, boards, **how)


def advisory(name: str, needs: int = 1, boards: tuple[str, ...] = ("board",), **how) -> Quorum:
    return Quorum(name, needs, boards, enforcement=Enforcement.ADVISORY, **how)


def check(name: CheckName = CheckName.DOCUMENTED, enforcement: Enforcement = Enforcement.HARD) -> Check:
    return Check(name.value, name, enforcement)


def passed(digest: str = NEW, **how) -> CheckOutcome:
    return CheckOutcome(passed=True, digest=digest, **how)


def failed(digest: str = NEW, **how) -> CheckOutcome:
    return CheckOutcome(passed=False, digest=digest, **how)
