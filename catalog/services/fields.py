"""How each field of the landscape is read from a command, and with that which fields may be changed."""

from collections.abc import Callable, Mapping
from typing import Any

from accounts.domain.errors import TeamMissing
from accounts.domain.inputs import Reading
from accounts.models import Team
from accounts.selectors import teams
from catalog.domain.vocabulary import Classification, SystemKind
from catalog.models import System
from foundation.text import slug_key

Readers = Mapping[str, Callable[[Reading, str, Any], Any]]


def _flag(reading: Reading, name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        reading.fault(f"/{name}", "type", "This must be true or false.")
    return bool(value)


def _team(reading: Reading, name: str, slug: str | None) -> Team | None:
    if slug is None:
        return None
    try:
        return teams.team_by_slug(slug)
    except TeamMissing:
        reading.fault(f"/{name}", "unknown-team", "There is no such team.")
        return None


def _system(reading: Reading, name: str, slug: str | None) -> System | None:
    if slug is None:
        return None
    system = System.objects.filter(slug_key=slug_key(slug), tombstoned_at__isnull=True).first()
    if system is None:
        reading.fault(f"/{name}", "unknown-system", "There is no such system.")
    return system


ENVIRONMENT: Readers = {
    "title": lambda reading, name, value: reading.line(name, value, most=120),
    "rank": lambda reading, name, value: reading.between(name, value, 0, 32_767),
    "is_production": _flag,
    "is_protected": _flag,
    "dispatches_automatically": _flag,
    "rolls_back_automatically": _flag,
    "soak_s": lambda reading, name, value: reading.between(name, value, 0, 30 * 24 * 3600),
    "gate_good_runs": lambda reading, name, value: reading.between(name, value, 0, 32_767),
    "gate_failed_runs": lambda reading, name, value: reading.between(name, value, 0, 32_767),
}
SYSTEM: Readers = {
    "title": lambda reading, name, value: reading.line(name, value, most=120),
    "kind": lambda reading, name, value: reading.one_of(name, value, set(SystemKind)),
    "vendor": lambda reading, name, value: reading.line(name, value, most=120, least=0),
    "team": _team,
    "tier": lambda reading, name, value: reading.between(name, value, 1, 3),
    "residency": lambda reading, name, value: reading.line(name, value, most=63, least=0),
}
DATA_OBJECT: Readers = {
    "title": lambda reading, name, value: reading.line(name, value, most=120),
    "system_of_record": _system,
    "classification": lambda reading, name, value: reading.one_of(name, value, set(Classification)),
    "personal_categories": lambda reading, name, value: reading.words(name, value),
}
