"""How each field of the landscape is read from a command, and with that which fields may be changed."""

from collections.abc import Callable, Mapping
from typing import Any

from accounts.domain.errors import TeamMissing
from accounts.domain.inputs import Reading
from accounts.models import Team
from accounts.selectors import teams
from catalog.domain.secrets import secret_in_text
from catalog.domain.vocabulary import Classification, EntityKind, SystemKind
from catalog.selectors import landscape
from foundation.errors import DomainError

Readers = Mapping[str, Callable[[Reading, str, Any], Any]]


def flag(reading: Reading, name: str, value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        reading.fault(f"/{name}", "type", "This must be true or false.")
    return bool(value)


def title(reading: Reading, name: str, value: str) -> str:
    """A line of at most 120 characters that holds no secret."""
    return _without_secret(reading, name, reading.line(name, value, most=120))


def prose(reading: Reading, name: str, value: str) -> str:
    """At most 4000 characters, possibly none, that hold no secret."""
    return _without_secret(reading, name, reading.lines(name, value, most=4000))


def team(reading: Reading, name: str, slug: str | None) -> Team | None:
    """The team of this slug, or nobody."""
    if slug is None:
        return None
    try:
        return teams.team_by_slug(slug)
    except TeamMissing:
        reading.fault(f"/{name}", "unknown-team", "There is no such team.")
        return None


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


def _without_secret(reading: Reading, name: str, text: str) -> str:
    secret = secret_in_text(text)
    if secret:
        reading.fault(f"/{name}", *secret)
    return text


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
