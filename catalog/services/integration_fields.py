"""How each field of an integration is read from a command, and with that which fields may be registered and changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from accounts.domain.errors import TeamMissing
from accounts.domain.inputs import Reading
from accounts.domain.viewers import Viewer
from accounts.models import Team, User
from accounts.selectors import people, teams
from catalog.domain import product
from catalog.domain.errors import IntegrationMissing
from catalog.domain.vocabulary import IntegrationType
from catalog.models import Integration, Visibility
from catalog.selectors import integrations as selectors
from catalog.services.presence import require_present
from foundation.text import slug_key


class ProductFields(TypedDict, total=False):
    """What may be said of an integration besides what registering asks for; `catalog.domain.product` has the shapes of the blocks."""

    visibility: str
    technical_owner: str | None
    business_owner: str | None
    on_call: str | None
    data_steward: str | None
    co_owners: Iterable[str]
    tags: Iterable[str]
    labels: Mapping[str, str]
    business_value: str
    support: Mapping[str, Any] | None
    change_policy: Mapping[str, Any] | None
    deprecation: Mapping[str, Any] | None
    reuse_check: str
    ai_use: Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One command being read: who asks, what is there now (of a new integration nothing), and which machine fills it in, if one does."""

    reading: Reading
    viewer: Viewer
    present: Integration
    provenance: str | None


def read_fields(asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the row keeps them, names of people and of the alternative resolved; faults are in the reading.

    What is no field is left out.
    """
    return {name: _READERS[name](asked, name, value) for name, value in values.items() if name in _READERS}


def _title(asked: Asked, name: str, value: Any) -> str:
    return product.line(asked.reading, (name,), value, most=160)


def _prose(asked: Asked, name: str, value: Any) -> str:
    return product.prose(asked.reading, (name,), value)


def _team(asked: Asked, name: str, slug: str) -> Team | None:
    try:
        return teams.team_by_slug(slug)
    except TeamMissing:
        asked.reading.fault(f"/{name}", "unknown-team", "There is no such team.")
        return None


def _owner(asked: Asked, name: str, username: str | None) -> User | None:
    """An active account; one that was switched off may stay where it is, so that other fields can be changed beside it."""
    if username is None:
        return None
    present: User | None = getattr(asked.present, name)
    if present is not None and present.username_key == slug_key(username):
        return present
    user = people.by_usernames([username]).get(slug_key(username))
    if user is None:
        asked.reading.fault(f"/{name}", "unknown-user", "There is no such active account.")
    return user


def _co_owners(asked: Asked, name: str, value: Any) -> list[UUID]:
    """Ids of accounts, each once, in the order given."""
    wanted = product.names(asked.reading, name, value, most=product.MAX_CO_OWNERS)
    known = {user.username_key: user.id for user in people.by_ids(asked.present.co_owners).values()}
    known |= {key: user.id for key, user in people.by_usernames(wanted).items()}
    for index, username in enumerate(wanted):
        if username and slug_key(username) not in known:
            asked.reading.fault(f"/{name}/{index}", "unknown-user", "There is no such active account.")
    return list(dict.fromkeys(known[key] for key in map(slug_key, wanted) if key in known))


def _deprecation(asked: Asked, name: str, value: Any) -> dict[str, Any]:
    """The alternative by id. Left out of a block that says anything else, the present one stays: its name may be hidden from who edits."""
    block = product.deprecation(asked.reading, name, value)
    present = asked.present.deprecation.get("alternative")
    if isinstance(value, Mapping) and value and "alternative" not in value and present:
        return {**block, "alternative": present}
    if "alternative" not in block:
        return block
    alternative = _alternative(asked, f"/{name}/alternative", block["alternative"])
    return {**block, "alternative": alternative}


def _alternative(asked: Asked, pointer: str, slug: str) -> str | None:
    try:
        found = selectors.get_visible(slug, asked.viewer)
        require_present(found)
    except IntegrationMissing:
        asked.reading.fault(pointer, "unknown-integration", "There is no such integration, or you may not see it.")
        return None
    if found.id == asked.present.id:
        asked.reading.fault(pointer, "itself", "An integration cannot replace itself.")
    return str(found.id)


def _ai_use(asked: Asked, name: str, value: Any) -> Any:
    """Only what a machine found counts here: people would forget one."""
    if asked.provenance is None:
        asked.reading.fault(f"/{name}", "read-only", "This is found by imports; it cannot be written by hand.")
        return asked.present.ai_use
    return product.ai_use(asked.reading, name, value)


_READERS: Mapping[str, Callable[[Asked, str, Any], Any]] = {
    "title": _title,
    "purpose": _prose,
    "type": lambda asked, name, value: asked.reading.one_of(name, value, set(IntegrationType)),
    "team": _team,
    "tier": lambda asked, name, value: asked.reading.between(name, value, 1, 3),
    "visibility": lambda asked, name, value: asked.reading.one_of(name, value, set(Visibility.values)),
    **dict.fromkeys(selectors.OWNERS, _owner),
    "co_owners": _co_owners,
    "tags": lambda asked, name, value: asked.reading.words(name, value),
    "labels": lambda asked, name, value: product.labels(asked.reading, name, value),
    "business_value": _prose,
    "support": lambda asked, name, value: product.support(asked.reading, name, value),
    "change_policy": lambda asked, name, value: product.change_policy(asked.reading, name, value),
    "deprecation": _deprecation,
    "reuse_check": _prose,
    "ai_use": _ai_use,
}
