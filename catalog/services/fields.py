"""How each field of the landscape is read from a command, and with that which fields may be changed."""

from collections.abc import Callable, Mapping
from typing import Any

from accounts.domain.errors import TeamMissing
from accounts.domain.inputs import Reading
from accounts.models import Team
from accounts.selectors import teams
from catalog.domain.connections import is_protocol, slot_faults, whole_slots
from catalog.domain.vocabulary import AuthType, Classification, ComponentKind, EntityKind, SystemKind
from catalog.selectors import landscape
from foundation.errors import DomainError

Readers = Mapping[str, Callable[[Reading, str, Any], Any]]


def flag(reading: Reading, name: str, value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        reading.fault(f"/{name}", "type", "This must be true or false.")
    return bool(value)


def title(reading: Reading, name: str, value: str) -> str:
    """A line of at most 120 characters."""
    return reading.line(name, value, most=120)


def prose(reading: Reading, name: str, value: str) -> str:
    """At most 4000 characters, possibly none."""
    return reading.lines(name, value, most=4000)


def team(reading: Reading, name: str, slug: str | None) -> Team | None:
    """The team of this slug, or nobody."""
    if slug is None:
        return None
    try:
        return teams.team_by_slug(slug)
    except TeamMissing:
        reading.fault(f"/{name}", "unknown-team", "There is no such team.")
        return None


def owning_team(reading: Reading, name: str, slug: str | None) -> Team | None:
    """The same where somebody must answer."""
    if slug is None:
        reading.fault(f"/{name}", "required", "Name the team that answers for it.")
    return team(reading, name, slug)


def known(kind: EntityKind, find: Callable[[str], Any]) -> Callable[[Reading, str, Any], Any]:
    """Reads the slug of another thing of the landscape, of today or from before a rename; None stays None."""
    words = kind.value.replace("-", " ")

    def read(reading: Reading, name: str, slug: str | None) -> Any:
        if slug is None:
            return None
        try:
            return find(slug)
        except DomainError:
            reading.fault(f"/{name}", f"unknown-{kind.value}", f"There is no such {words}.")
            return None

    return read


def _protocol(reading: Reading, name: str, value: str) -> str:
    if not is_protocol(value):
        reading.fault(f"/{name}", "protocol", "Name the protocol in small letters, such as https, sftp or amqp.")
    return value


def _slots(reading: Reading, _name: str, value: Any) -> list[dict[str, Any]]:
    faults = list(slot_faults(value))
    reading.faults.extend(faults)
    return [] if faults else whole_slots(value)


def _days(reading: Reading, name: str, value: int | None) -> int | None:
    return None if value is None else reading.between(name, value, 1, 3660)


def _confirmed(reading: Reading, name: str, value: Any) -> bool:
    """What was discovered can be confirmed; only an import says that something was discovered."""
    if value is not False:
        reading.fault(f"/{name}", "confirm-only", "Send false to confirm it. Only an import marks something as discovered.")
    return False


ENVIRONMENT: Readers = {
    "title": title,
    "rank": lambda reading, name, value: reading.between(name, value, 0, 32_767),
    "is_production": flag,
    "is_protected": flag,
    "dispatches_automatically": flag,
    "rolls_back_automatically": flag,
    "soak_s": lambda reading, name, value: reading.between(name, value, 0, 30 * 24 * 3600),
    "gate_good_runs": lambda reading, name, value: reading.between(name, value, 0, 32_767),
    "gate_failed_runs": lambda reading, name, value: reading.between(name, value, 0, 32_767),
}
DOMAIN: Readers = {
    "title": title,
    "description": prose,
    "parent": known(EntityKind.DOMAIN, landscape.domain_by_slug),
    "team": team,
}
SYSTEM: Readers = {
    "title": title,
    "kind": lambda reading, name, value: reading.one_of(name, value, set(SystemKind)),
    "vendor": lambda reading, name, value: reading.line(name, value, most=120, least=0),
    "team": team,
    "tier": lambda reading, name, value: reading.between(name, value, 1, 3),
    "residency": lambda reading, name, value: reading.line(name, value, most=63, least=0),
    "description": prose,
    "domain": known(EntityKind.DOMAIN, landscape.domain_by_slug),
    "is_discovered": _confirmed,
}
DATA_OBJECT: Readers = {
    "title": title,
    "system_of_record": known(EntityKind.SYSTEM, landscape.system_by_slug),
    "classification": lambda reading, name, value: reading.one_of(name, value, set(Classification)),
    "personal_categories": lambda reading, name, value: reading.words(name, value),
    "description": prose,
    "domain": known(EntityKind.DOMAIN, landscape.domain_by_slug),
    "is_discovered": _confirmed,
}
COMPONENT: Readers = {
    "title": title,
    "description": prose,
    "kind": lambda reading, name, value: reading.one_of(name, value, set(ComponentKind)),
    "team": owning_team,
}
CONNECTION_TEMPLATE: Readers = {
    "title": title,
    "description": prose,
    "protocol": _protocol,
    "auth_type": lambda reading, name, value: reading.one_of(name, value, set(AuthType)),
    "slots": _slots,
}
CONNECTION: Readers = {
    "title": title,
    "team": owning_team,
    "references": lambda _reading, _name, value: dict(value),
    "expires_at": lambda _reading, _name, value: value,
    "rotated_at": lambda _reading, _name, value: value,
    "rotate_every_days": _days,
}
