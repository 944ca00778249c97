"""Which sections an integration of a tier should have, and whether what is written still holds for what runs."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.domain.vocabulary import Section

MAX_LENGTH = 200_000
SEARCHED_CHARS = 20_000  # of each section: a text vector holds at most a megabyte
# By tier, until an administrator edits the tier's policy.
REQUIRED: dict[int, tuple[Section, ...]] = {
    1: (Section.OVERVIEW, Section.DATA_MAPPING, Section.RUNBOOK, Section.SUPPORT, Section.SECURITY),
    2: (Section.OVERVIEW, Section.RUNBOOK, Section.SUPPORT),
    3: (Section.OVERVIEW,),
}


class Freshness(StrEnum):
    """Whether somebody said that a section holds for the release that counts."""

    FRESH = "fresh"
    STALE = "stale"
    UNVERIFIED = "unverified"


class Reason(StrEnum):
    """Why a section is as fresh as it is."""

    NEVER_VERIFIED = "never-verified"
    NEWER_LIVE = "newer-release-live"
    WENT_BACK = "older-release-live"
    NEWER_PUBLISHED = "newer-release-published"
    AHEAD = "ahead-of-what-runs"
    CHANGED_SINCE = "changed-since-verified"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Mark:
    """A release: its version, and the text by which versions sort. `since`: when it began to run, of one that does."""

    version: str
    order: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A section that somebody wrote; `verified_at` and `verified_for` are None until somebody said that it holds."""

    section: str
    version: int
    changed_at: datetime
    verified_for: Mark | None = None
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SectionState:
    """How one section stands. `version`, `freshness` and `reason` are None while nobody wrote it.

    `newer` made it stale; `older` runs in production although the section was verified for something newer.
    """

    section: str
    is_required: bool
    version: int | None = None
    freshness: Freshness | None = None
    reason: Reason | None = None
    newer: str | None = None
    changed_since_verified: bool = False
    older: str | None = None

    @property
    def is_missing(self) -> bool:
        """Asked for, and not there."""
        return self.is_required and self.version is None


def outline(required: Iterable[str], written: Iterable[Written], *, live: Iterable[Mark], newest: Mark | None) -> list[SectionState]:
    """Every section in the order of the vocabulary: asked for or not, there or not, and whether it holds.

    `live` are the releases that run in production, `newest` is the newest one published. A section is stale when something newer
    than what it was verified for runs in production or, while nothing runs there, is published; and when production went back to
    something older after it was verified. Verified ahead of what runs it is fresh. Editing the text makes nothing stale.
    """
    asked, running = set(required), list(live)
    counts = max(running, key=lambda mark: mark.order) if running else newest
    newer = Reason.NEWER_LIVE if running else Reason.NEWER_PUBLISHED
    there = {one.section: one for one in written}
    return [_state(section, section in asked, there.get(section), counts, newer) for section in Section]


def missing_sections(required: Iterable[str], written: Collection[str]) -> list[str]:
    """Sections that are asked for (`tier_rules(tier).sections`) and that nobody has written, in the order asked."""
    return [str(section) for section in required if section not in written]


def _state(section: Section, is_required: bool, written: Written | None, counts: Mark | None, newer: Reason) -> SectionState:
    if written is None:
        return SectionState(section.value, is_required)
    if written.verified_for is None or written.verified_at is None:
        return SectionState(section.value, is_required, written.version, Freshness.UNVERIFIED, Reason.NEVER_VERIFIED)
    changed = written.changed_at > written.verified_at
    if counts is not None and counts.order > written.verified_for.order:
        return SectionState(section.value, is_required, written.version, Freshness.STALE, newer, counts.version, changed)
    if counts is not None and counts.since is not None and counts.order < written.verified_for.order:
        went_back = counts.since > written.verified_at
        how = (Freshness.STALE, Reason.WENT_BACK) if went_back else (Freshness.FRESH, Reason.AHEAD)
        return SectionState(section.value, is_required, written.version, *how, None, changed, counts.version)
    reason = Reason.CHANGED_SINCE if changed else Reason.VERIFIED
    return SectionState(section.value, is_required, written.version, Freshness.FRESH, reason, None, changed)
