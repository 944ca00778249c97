"""Which sections an integration of a tier should have."""

from collections.abc import Collection

from catalog.domain.vocabulary import Section

MAX_LENGTH = 200_000
REQUIRED: dict[int, tuple[Section, ...]] = {
    1: (Section.OVERVIEW, Section.DATA_MAPPING, Section.RUNBOOK, Section.SUPPORT, Section.SECURITY),
    2: (Section.OVERVIEW, Section.RUNBOOK, Section.SUPPORT),
    3: (Section.OVERVIEW,),
}


def missing_sections(tier: int, written: Collection[str]) -> list[str]:
    """Sections that the tier asks for and nobody has written, in the order of the table."""
    return [section.value for section in REQUIRED[tier] if section not in written]
