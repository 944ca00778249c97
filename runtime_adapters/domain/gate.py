"""The health gate after a deployment: a soak, enough good runs, few failed ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Gate:
    """What an environment asks for, and what this digest's runs since it was recorded say.

    `expected_every_s` (period and grace together) is None when no run is expected: then missing runs are no evidence
    and the gate waits for them instead of failing.
    """

    recorded_at: datetime
    soak_s: int
    good_needed: int
    failed_allowed: int
    good: int = 0
    failed: int = 0
    expected_every_s: int | None = None

    @property
    def soak_ends(self) -> datetime:
        return self.recorded_at + timedelta(seconds=self.soak_s)

    @property
    def patience_ends(self) -> datetime | None:
        """Until when missing runs are borne: one expected period after the soak."""
        if self.expected_every_s is None:
            return None
        return self.soak_ends + timedelta(seconds=self.expected_every_s)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, a machine word saying why, and for WAITING when the clock alone may change it (None: only evidence can)."""

    verdict: Verdict
    code: str
    until: datetime | None = None


def judge(gate: Gate, now: datetime) -> Judgement:
    """Judge the gate at `now`. `soak_s` = 0 passes at once; too many failed runs fail at once.

    Where runs are expected at least one must be good, even if the environment asks for none: silence proves nothing.
    """
    if gate.soak_s == 0:
        return Judgement(Verdict.PASSED, "no-gate")
    if gate.failed > gate.failed_allowed:
        return Judgement(Verdict.FAILED, "failed-runs")
    if now < gate.soak_ends:
        return Judgement(Verdict.WAITING, "soaking", gate.soak_ends)
    if gate.good >= (gate.good_needed if gate.expected_every_s is None else max(gate.good_needed, 1)):
        return Judgement(Verdict.PASSED, "gate-passed")
    if gate.patience_ends is not None and now >= gate.patience_ends:
        return Judgement(Verdict.FAILED, "too-few-good-runs")
    return Judgement(Verdict.WAITING, "awaiting-good-runs", gate.patience_ends)
