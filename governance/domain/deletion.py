"""Deleting in steps: a preview, retirement, the tombstone. Which step is next, what stands in its way, and what a token is bound to."""

import base64
import binascii
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from catalog.domain.lifecycle import Lifecycle, Move, StageKind
from foundation.canonical import digest_of, packed

MAX_PRINTS = 400  # findings that a token remembers one by one; beyond that it remembers how many of each group there were
_PRINT = 8  # characters of each


class Step(StrEnum):
    """What is done to an entity on its way out, in this order."""

    RETIRE = "retire"
    TOMBSTONE = "tombstone"


class Group(StrEnum):
    """How what was found hangs on the entity."""

    ENDPOINTS = "endpoints"
    DATA_OBJECTS = "data-objects"
    SYSTEMS = "systems"
    CONNECTIONS = "connections"
    DOMAINS = "domains"
    PINS = "pins"
    RELATIONS = "relations"
    ALTERNATIVES = "alternatives"
    LIVE = "live"
    DESIRED = "desired"
    DEPLOYMENTS = "deployments"
    CHANGES = "change-requests"
    LIFECYCLE = "lifecycle"


DEPENDANTS = (
    Group.ENDPOINTS,
    Group.CONNECTIONS,
    Group.PINS,
    Group.DATA_OBJECTS,
    Group.SYSTEMS,
    Group.DOMAINS,
    Group.ALTERNATIVES,
    Group.RELATIONS,
)
RUNNING = (Group.LIVE, Group.DESIRED, Group.DEPLOYMENTS)
# The first step that each stands in the way of. A relation stands in none: it goes and comes back with its ends.
BLOCKS: dict[Group, Step | None] = {
    **dict.fromkeys((*RUNNING, Group.CHANGES, Group.LIFECYCLE), Step.RETIRE),
    **dict.fromkeys(DEPENDANTS, Step.TOMBSTONE),
    Group.RELATIONS: None,
}
UNBLOCKERS: dict[Group, str] = {
    Group.ENDPOINTS: "The owners of these integrations, by taking it out of their endpoints.",
    Group.DATA_OBJECTS: "Administrators, by giving these data objects another system of record or domain.",
    Group.SYSTEMS: "The teams of these systems, by moving them to another domain.",
    Group.CONNECTIONS: "The teams of these connections, by deleting them first.",
    Group.DOMAINS: "Administrators, by moving these domains or deleting them first.",
    Group.PINS: "Nobody while these integrations exist: a release never changes what it uses. Retired, it is out of use all the same.",
    Group.ALTERNATIVES: "The owners of these integrations, by naming another alternative.",
    Group.LIVE: "The board, by a change that takes it out of these places.",
    Group.DESIRED: "The board, by a change that takes it out of these places.",
    Group.DEPLOYMENTS: "Nobody: it ends by itself, in success or failure.",
    Group.LIFECYCLE: "The owning team, by moving it along its lifecycle until it may end.",
    Group.CHANGES: "Whoever asked for these changes, or the owning team, by withdrawing them; the board, by deciding them.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that hangs on the entity. `ref` and `state` are what the token is bound to: which it is, and how it stands.

    The rest is for people: `kind` and `slug` lead to its page. Where `is_seen` is False nothing but the group may be told.
    """

    group: Group
    ref: str
    state: str = ""
    kind: str = ""
    slug: str = ""
    title: str = ""
    detail: str = ""
    is_seen: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What deleting one entity would meet, as it stands now."""

    kind: str
    entity: str
    version: int
    is_retired: bool
    findings: tuple[Finding, ...]

    @property
    def step(self) -> Step:
        """The next step."""
        return Step.TOMBSTONE if self.is_retired else Step.RETIRE

    @property
    def may_proceed(self) -> bool:
        """Whether nothing stands in the way of the next step."""
        return not blocking(self, self.step)

    @property
    def digest(self) -> str:
        """Of everything that the next step rests on: the entity's version, its retirement, and each finding as it stands."""
        found = sorted([finding.group.value, finding.ref, finding.state] for finding in self.findings)
        return digest_of(
            {"kind": self.kind, "entity": self.entity, "version": self.version, "is_retired": self.is_retired, "findings": found}
        )

    @property
    def token(self) -> str:
        """The digest, and behind a full stop what is needed to say later what has changed since."""
        told: dict[str, Any] = {group: [len(prints), "".join(prints)] for group, prints in _prints(self.findings).items()}
        return self.digest + "." + base64.urlsafe_b64encode(packed({"v": self.version, "g": told})).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Moved:
    """What is different from what a token was given for. `named`: what came, as far as the one who asks may see it."""

    what: str
    added: int
    removed: int
    named: tuple[str, ...] = ()


def way_out(lifecycle: Lifecycle, stage: str) -> Move | None:
    """The move from the stage to an end of the lifecycle, the first where there are several; None where none leads there yet."""
    return next((move for move in lifecycle.moves_from(stage) if lifecycle.kind(move.target) is StageKind.FINAL), None)


def blocking(plan: Plan, step: Step) -> list[Group]:
    """The groups that stand in the way of a step, in the order of `Group`."""
    stops = {Step.RETIRE: {Step.RETIRE}, Step.TOMBSTONE: {Step.RETIRE, Step.TOMBSTONE}}[step]
    present = {finding.group for finding in plan.findings}
    return [group for group in Group if group in present and BLOCKS[group] in stops]


def is_for(token: str, plan: Plan) -> bool:
    """Whether the token was given for exactly this plan."""
    return token.partition(".")[0] == plan.digest


def moved_since(token: str, plan: Plan) -> list[Moved]:
    """What changed since the token was given, by group; nothing for a token that nobody was given."""
    known = _told(token)
    if known is None:
        return []
    moved = [] if known["v"] == plan.version else [Moved("version", 1, 1)]
    now = _prints(plan.findings)
    by_group: dict[str, list[Finding]] = defaultdict(list)
    for finding in plan.findings:
        by_group[finding.group.value].append(finding)
    for group in Group:
        count, text = known["g"].get(group.value, (0, ""))
        change = _difference(group, count, text, by_group[group.value], now.get(group.value, []))
        if change is not None:
            moved.append(change)
    return moved


def _difference(group: Group, count: int, text: str, findings: list[Finding], prints: list[str]) -> Moved | None:
    before = [text[at : at + _PRINT] for at in range(0, len(text), _PRINT)]
    if len(before) != count or len(prints) != len(findings):  # too many to remember one by one
        more = len(findings) - count
        return Moved(group.value, max(more, 0), max(-more, 0)) if more else None
    came, went = Counter(prints) - Counter(before), Counter(before) - Counter(prints)
    if not came and not went:
        return None
    named = sorted({finding.title for finding in findings if finding.is_seen and finding.title and _print(finding) in came})
    return Moved(group.value, came.total(), went.total(), tuple(named))


def _prints(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """A short print of each finding by group, in order; only how many there are where there are too many."""
    found: dict[str, list[str]] = defaultdict(list)
    every = list(findings)
    for finding in every:
        found[finding.group.value].append(_print(finding) if len(every) <= MAX_PRINTS else "")
    return {group: sorted(prints) for group, prints in found.items()}


def _print(finding: Finding) -> str:
    whole = hashlib.sha256(f"{finding.group.value} {finding.ref} {finding.state}".encode()).digest()
    return base64.urlsafe_b64encode(whole[: _PRINT * 6 // 8]).decode()


def _told(token: str) -> dict[str, Any] | None:
    """What a token remembers; None for anything that is not one of ours."""
    text = token.partition(".")[2]
    try:
        known = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None
    return known if _is_sound(known) else None


def _is_sound(known: Any) -> bool:
    if not isinstance(known, dict) or not isinstance(known.get("v"), int) or not isinstance(known.get("g"), dict):
        return False
    return all(
        isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], int) and isinstance(entry[1], str)
        for entry in known["g"].values()
    )
