"""What a policy may ask for: quorums of people and automatic checks."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from foundation.errors import FieldError
from governance.domain.errors import InvalidPolicy
from governance.domain.lifecycle import Action, ChangeClass

MAX_SEATS = 20
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Enforcement(StrEnum):
    """advisory warns; soft blocks but break-glass may pass; hard has no way round."""

    ADVISORY = "advisory"
    SOFT = "soft"
    HARD = "hard"


class CheckName(StrEnum):
    """The automatic checks that exist (governance.domain.checks says what each looks at)."""

    MANIFEST_VALID = "manifest-valid"
    DOCUMENTED = "documented"
    OWNED = "owned"
    NOT_QUARANTINED = "not-quarantined"


# What these look at is a release that is to run, or who answers while it does: nothing that could keep it from being taken out.
JUDGE_WHAT_RUNS = frozenset({CheckName.MANIFEST_VALID, CheckName.DOCUMENTED, CheckName.OWNED, CheckName.NOT_QUARANTINED})


@dataclass(frozen=True, slots=True)
class Quorum:
    """`needs` distinct persons out of the boards named. With `veto`, one reject ends the request."""

    name: str
    needs: int
    boards: tuple[str, ...]
    veto: bool = True
    token_votes: bool = False
    enforcement: Enforcement = Enforcement.SOFT


@dataclass(frozen=True, slots=True)
class Check:
    """An automatic check whose latest finding on the very content must be a pass."""

    name: str
    check: CheckName
    enforcement: Enforcement = Enforcement.HARD


Requirement = Quorum | Check


def parse_requirements(specs: Any) -> tuple[Requirement, ...]:
    """Read a policy's requirement list; raise InvalidPolicy with a pointer for each fault."""
    if not isinstance(specs, list) or not specs:
        raise InvalidPolicy("A policy needs at least one requirement.", errors=[FieldError("/requirements", "empty", "Name at least one.")])
    faults: list[FieldError] = []
    parsed: list[Requirement] = []
    for index, spec in enumerate(specs):
        pointer = f"/requirements/{index}"
        try:
            parsed.append(_parse_one(spec))
        except (KeyError, TypeError, ValueError) as error:
            faults.append(FieldError(pointer, "invalid", _fault_of(error)))
    names = [requirement.name for requirement in parsed]
    faults += [
        FieldError(f"/requirements/{index}/name", "duplicate", "Each requirement needs a name of its own.")
        for index, name in enumerate(names)
        if name in names[:index]
    ]
    if faults:
        raise InvalidPolicy("The requirements are not well formed.", errors=faults)
    return tuple(parsed)


def _fault_of(error: Exception) -> str:
    return f"{error.args[0]!r} is missing." if isinstance(error, KeyError) else str(error)


def _parse_one(spec: Any) -> Requirement:
    if not isinstance(spec, dict):
        raise TypeError("A requirement is an object.")
    kind = spec["kind"]
    name = _name(spec["name"])
    if kind == "check":
        _only(spec, {"kind", "name", "check", "enforcement"})
        return Check(name, CheckName(spec["check"]), Enforcement(spec.get("enforcement", Enforcement.HARD)))
    if kind != "quorum":
        raise ValueError("kind is 'quorum' or 'check'.")
    _only(spec, {"kind", "name", "needs", "boards", "veto", "token_votes", "enforcement"})
    needs = spec["needs"]
    if not isinstance(needs, int) or isinstance(needs, bool) or not 1 <= needs <= MAX_SEATS:
        raise ValueError(f"needs is a whole number from 1 to {MAX_SEATS}.")
    boards = spec["boards"]
    if not isinstance(boards, list) or not boards or not all(isinstance(board, str) for board in boards):
        raise ValueError("boards is a list with at least one board's slug.")
    return Quorum(
        name,
        needs,
        tuple(sorted(set(boards))),
        _flag(spec, "veto", default=True),
        _flag(spec, "token_votes", default=False),
        Enforcement(spec.get("enforcement", Enforcement.SOFT)),
    )


def _name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError("name is 1 to 63 lower-case letters, digits and hyphens; it stands in the log.")
    return value


def _flag(spec: Mapping[str, Any], key: str, *, default: bool) -> bool:
    value = spec.get(key, default)
    if not isinstance(value, bool):
        raise TypeError(f"{key} is true or false.")
    return value


def _only(spec: Mapping[str, Any], allowed: set[str]) -> None:
    if unknown := sorted(set(spec) - allowed):
        raise ValueError(f"{', '.join(unknown)}: no such member.")


def as_spec(requirement: Requirement) -> dict[str, Any]:
    """The requirement as the JSON object it is read from, every member written out."""
    if isinstance(requirement, Check):
        return {
            "kind": "check",
            "name": requirement.name,
            "check": requirement.check.value,
            "enforcement": requirement.enforcement.value,
        }
    return {
        "kind": "quorum",
        "name": requirement.name,
        "needs": requirement.needs,
        "boards": list(requirement.boards),
        "veto": requirement.veto,
        "token_votes": requirement.token_votes,
        "enforcement": requirement.enforcement.value,
    }


def joined(snapshot: Sequence[Requirement], current: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """The stricter of what was asked at submission and what is asked now.

    A rule tightened since applies to open requests; a loosened or removed one does not help them.
    """
    by_name: dict[str, Requirement] = {requirement.name: requirement for requirement in snapshot}
    for requirement in current:
        known = by_name.get(requirement.name)
        by_name[requirement.name] = requirement if known is None else _stricter(known, requirement)
    return tuple(by_name.values())


_WEIGHT = {Enforcement.ADVISORY: 0, Enforcement.SOFT: 1, Enforcement.HARD: 2}


def _stricter(then: Requirement, now: Requirement) -> Requirement:
    enforcement = max(then.enforcement, now.enforcement, key=_WEIGHT.__getitem__)
    if isinstance(then, Quorum) and isinstance(now, Quorum):
        shared = tuple(board for board in then.boards if board in now.boards)
        return Quorum(
            then.name,
            max(then.needs, now.needs),
            shared or now.boards,
            then.veto or now.veto,
            then.token_votes and now.token_votes,
            enforcement,
        )
    return replace(now, enforcement=enforcement)


def asked_of(requirements: Iterable[Requirement], *, action: str, change_class: str) -> tuple[Requirement, ...]:
    """What of a policy's requirements a request has to satisfy: a retirement the people, a rollback the reduced gate."""
    asked = tuple(requirements)
    if action == Action.RETIRE:
        asked = tuple(r for r in asked if isinstance(r, Quorum) or r.check not in JUDGE_WHAT_RUNS)
    return reduced(asked) if change_class == ChangeClass.ROLLBACK else asked


def reduced(requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """The gate for going back to what was approved before: the same boards and checks, one person each."""
    return tuple(replace(r, needs=1) if isinstance(r, Quorum) else r for r in requirements)
