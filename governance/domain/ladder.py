"""The escalation ladder: whom each step tells, and which steps are due. Pure: a function of times."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import IntEnum


class Step(IntEnum):
    """Whom a step tells, from those closest to the integration to those furthest above it."""

    OWNERS = 0  # owners, co-owners, members of the owning team
    LEADS = 1  # who leads the owning team
    LEADS_ABOVE = 2  # who leads the team above it
    ADMINISTRATORS = 3


def steps_due(days: Sequence[int], *, opened_at: datetime, taken: int, now: datetime) -> list[Step]:
    """The steps not taken yet whose day has come, in order. `days`: rising numbers of days after `opened_at`, one a step."""
    return [Step(index) for index, day in enumerate(days[: len(Step)]) if index >= taken and now >= opened_at + timedelta(days=day)]


def next_step_at(days: Sequence[int], *, opened_at: datetime, taken: int) -> datetime | None:
    """When the next step is due; None when the ladder has ended."""
    ladder = days[: len(Step)]
    return opened_at + timedelta(days=ladder[taken]) if taken < len(ladder) else None


def heard_by(step: Step, audiences: Sequence[Sequence[object]]) -> Step:
    """Who hears of it when nobody stands on the step: the first step above that has somebody; the last one when none has."""
    return next((Step(index) for index in range(step, len(audiences)) if audiences[index]), Step.ADMINISTRATORS)
