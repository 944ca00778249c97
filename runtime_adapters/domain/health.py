"""From readings to one conclusion. A pure fold: the same readings in any order give the same state, so late and
repeated ones do no harm. Silence is concluded only where something is expected; without evidence health is unknown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from runtime_adapters.domain.states import Health

RECENT = 5  # readings with runs that are weighed
STEADY = 3  # in a row, to be called healthy or failing again after the other
STALE_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one window of runs showed."""

    key: str
    window_end: datetime
    succeeded: int = 0
    failed: int = 0
    started: int = 0

    @property
    def ran(self) -> bool:
        return bool(self.succeeded or self.failed)


@dataclass(frozen=True, slots=True)
class Expected:
    """A run, and a report of it, at least every `every_s` seconds, `grace_s` borne."""

    every_s: int
    grace_s: int = 0

    @property
    def patience(self) -> timedelta:
        return timedelta(seconds=self.every_s + self.grace_s)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`due_at`: when the clock alone may change the state; None when only new evidence can."""

    state: Health
    code: str
    due_at: datetime | None = None


def conclude(readings: Iterable[Reading], *, expected: Expected | None, since: datetime, is_live: bool, now: datetime) -> Conclusion:
    """Conclude from the newest readings of one release in one slot.

    `since` is when the release came to the slot: the first run is due one period later. `is_live` False (another
    release stands there now) means that nothing is expected of it any more.
    """
    ordered = sorted(set(readings), key=lambda reading: (reading.window_end, reading.key))
    runs = [reading for reading in ordered if reading.ran][-RECENT:]
    last_word = max(since, ordered[-1].window_end) if ordered else since
    last_run = max(since, runs[-1].window_end) if runs else since
    if expected is not None and is_live:
        return _against(expected, runs, last_word=last_word, last_run=last_run, now=now)
    if not runs:
        return Conclusion(Health.UNKNOWN, "no-evidence")
    if now >= last_word + STALE_AFTER:
        return Conclusion(Health.UNKNOWN, "evidence-too-old")
    state, code = _weigh(runs)
    return Conclusion(state, code, last_word + STALE_AFTER)


def _against(expected: Expected, runs: Sequence[Reading], *, last_word: datetime, last_run: datetime, now: datetime) -> Conclusion:
    if now >= last_word + expected.patience:
        return Conclusion(Health.SILENT, "nothing-reported")
    if now >= last_run + expected.patience:
        return Conclusion(Health.LATE, "no-run-in-time", last_word + expected.patience)
    if not runs:
        return Conclusion(Health.UNKNOWN, "no-evidence", last_run + expected.patience)
    state, code = _weigh(runs)
    return Conclusion(state, code, min(last_run, last_word) + expected.patience)


def _weigh(runs: Sequence[Reading]) -> tuple[Health, str]:
    """Newest last. Alternating good and bad is one degraded, not a string of alarms."""
    good = [reading.failed == 0 for reading in runs]
    bad = [reading.succeeded == 0 for reading in runs]
    if all(good[-STEADY:]):
        return Health.HEALTHY, "good-runs"
    if all(bad[-STEADY:]):
        return Health.FAILING, "failed-runs"
    return Health.DEGRADED, "mixed-runs"
