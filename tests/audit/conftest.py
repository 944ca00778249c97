"""Actors, moments and an empty keys folder for every test of the log."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from audit.domain.actors import Actor

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ANN = UUID("0195a000-0000-7000-8000-00000000000a")
BOB = UUID("0195a000-0000-7000-8000-00000000000b")
EVE = UUID("0195a000-0000-7000-8000-00000000000e")


def person(ref: UUID = ANN) -> Actor:
    return Actor(type="user", ref=ref, person_id=ref, auth={"method": "session"})


def later(**amount: float) -> datetime:
    return NOON + timedelta(**amount)


@pytest.fixture
def ann() -> Actor:
    return person(ANN)
