"""What the guards of the lifecycle look at, and the shape of what they find."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What a guard found. `remedy` and `who` are empty when it passed."""

    guard: str
    passed: bool
    detail: str
    remedy: str = ""
    who: str = ""

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        if self.passed:
            return self.detail
        return f"{self.detail} {self.remedy} This is for {self.who}."


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the guards look at. Texts are titles, for people; days are in UTC."""

    now: datetime
    tier: int = 3
    active_members: int = 0
    missing_roles: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    without_object: tuple[str, ...] = ()
    unconfirmed_objects: tuple[str, ...] = ()
    unconnected_systems: tuple[str, ...] = ()
    manifest_connections: int = 0
    reuse_answered: bool = False
    release: str = ""
    manifest_faults: tuple[str, ...] = ()
    failed_checks: tuple[str, ...] = ()
    missing_sections: tuple[str, ...] = ()
    stale_sections: tuple[str, ...] = ()
    production: tuple[str, ...] = ()
    completed_change: int | None = None
    live_in_production: tuple[str, ...] = ()
    expected_in: tuple[str, ...] = ()
    support: frozenset[str] = frozenset()
    open_items: int = 0
    items_under_work: int = 0
    breaches: tuple[str, ...] = ()
    effective_on: date | None = None
    removal_on: date | None = None
    has_alternative: bool = False
    deaf_consumers: tuple[str, ...] = ()
    waiting_consumers: tuple[str, ...] = ()
    hidden_deaf: bool = False
    hidden_waiting: bool = False
    live_in: tuple[str, ...] = ()
    last_run_at: datetime | None = None
    last_delivery_at: datetime | None = None

    @property
    def today(self) -> date:
        return self.now.date()
