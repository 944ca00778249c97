"""The automatic checks: plain facts in, one finding out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from governance.domain.requirements import CheckName


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What the checks look at, gathered once."""

    tier: int
    missing_sections: tuple[str, ...]
    active_owners: int
    manifest_findings: tuple[str, ...]
    quarantined_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    passed: bool
    detail: str


def _manifest_valid(facts: CheckFacts) -> Finding:
    if facts.manifest_findings:
        return Finding(passed=False, detail="; ".join(facts.manifest_findings)[:500])
    return Finding(passed=True, detail="The runtime's adapter accepts the manifest.")


def _documented(facts: CheckFacts) -> Finding:
    if facts.missing_sections:
        missing = ", ".join(facts.missing_sections)
        return Finding(passed=False, detail=f"A tier {facts.tier} integration needs documentation: {missing} missing.")
    return Finding(passed=True, detail=f"All sections that tier {facts.tier} requires are written.")


def _owned(facts: CheckFacts) -> Finding:
    if not facts.active_owners:
        return Finding(passed=False, detail="Nobody active is in the owning team: the integration is an orphan.")
    people = "person is" if facts.active_owners == 1 else "people are"
    return Finding(passed=True, detail=f"{facts.active_owners} active {people} in the owning team.")


def _not_quarantined(facts: CheckFacts) -> Finding:
    if facts.quarantined_on:
        return Finding(passed=False, detail=f"This content failed before and is quarantined on {', '.join(facts.quarantined_on)}.")
    return Finding(passed=True, detail="This content has not failed on any of the targets.")


CHECKS: Mapping[CheckName, Callable[[CheckFacts], Finding]] = {
    CheckName.MANIFEST_VALID: _manifest_valid,
    CheckName.DOCUMENTED: _documented,
    CheckName.OWNED: _owned,
    CheckName.NOT_QUARANTINED: _not_quarantined,
}
