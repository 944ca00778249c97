"""`given`: what a test starts from, made through the services as people would make it.

A part of the product adds its own words as a mixin in a file of its own and in the bases of `Given`.
"""

from datetime import UTC, datetime

from tests.given.catalog import CatalogGiven
from tests.given.deletion import DeletionGiven
from tests.given.delivery import DeliveryGiven
from tests.given.events import EventsGiven
from tests.given.governance import GovernanceGiven
from tests.given.landscape import LandscapeGiven
from tests.given.lifecycle import LifecycleGiven
from tests.given.owners import OwnersGiven
from tests.given.people import PeopleGiven

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Given(
    LifecycleGiven, OwnersGiven, GovernanceGiven, DeliveryGiven, EventsGiven, LandscapeGiven, DeletionGiven, CatalogGiven, PeopleGiven
):
    """Builders for tests. Times start at noon; `later()` moves the moment that following builders use."""

    def __init__(self) -> None:
        self.now = NOON

    def later(self, **delta: float) -> datetime:
        """Move on by a `timedelta(**delta)` and return the new moment."""
        from datetime import timedelta

        self.now += timedelta(**delta)
        return self.now
