"""Which sections an integration of a tier should have."""

from collections.abc import Collection, Iterable

from catalog.domain.vocabulary import Section

MAX_LENGTH = 200_000
# By tier, until an administrator edits the tier's policy.
REQUIRED: dict[int, tuple[Section, ...]] = {
    1: (Section.OVERVIEW, Section.DATA_MAPPING, Section.RUNBOOK, Section.SUPPORT, Section.SECURITY),
    2: (Section.OVERVIEW, Section.RUNBOOK, Section.SUPPORT),
    3: (Section.OVERVIEW,),
}


def missing_sections(required: Iterable[str], written: Collection[str]) -> list[str]:
    """Sections that are asked for (`tier_rules(tier).sections`) and that nobody has written, in the order asked."""
    return [str(section) for section in required if section not in written]
