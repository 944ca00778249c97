"""What stands in a cell of a list or a page, and the choices of selects that name other things."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t

from accounts.selectors import teams
from catalog.domain.connections import Upkeep, upkeep
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import connections as connection_selectors
from catalog.selectors import landscape as selectors
from portal.components import names
from portal.components.status import UPKEEP, pill, tone_pill

Choices = list[tuple[str, str]]
Cell = dict[str, Any]
_INITIALS = frozenset({"erp", "crm", "pim", "dam"})


def stem(kind: EntityKind) -> str:
    """The first part of the names of a kind's addresses: `portal:data_object`, `portal:data_object_edit`."""
    return kind.value.replace("-", "_")


def url_of(kind: EntityKind, slug: str, act: str = "") -> str:
    """The page of one thing, or of `act` on it."""
    return reverse(f"portal:{stem(kind)}_{act}" if act else f"portal:{stem(kind)}", args=[slug])


def list_url(kind: EntityKind) -> str:
    """The list of one kind."""
    return reverse("portal:integrations" if kind is EntityKind.INTEGRATION else f"portal:{stem(kind)}_list")


def text(value: object, *, url: str = "", sub: str = "") -> Cell:
    """A plain cell, possibly a link, with a second line."""
    return {"text": str(value) if value not in {None, ""} else "", "url": url, "sub": sub}


def badge(shown: SafeString) -> Cell:
    """A cell with a pill."""
    return {"pill": shown}


def link(kind: EntityKind, row: Any, *, sub: str = "") -> Cell:
    """The title of another thing, leading to its page; an empty cell for none."""
    return text(row.title, url=url_of(kind, row.slug), sub=sub) if row is not None else text("")


def team(row: Any, otherwise: str = "") -> Cell:
    """The team that keeps a thing, leading to its page; `otherwise` for none."""
    return text(row.team.title, url=names.url_of(row.team)) if row.team else text(otherwise)


def state_of(row: Any) -> SafeString | str:
    """A pill where a thing needs to be told apart: retired, or found by an import and not confirmed."""
    if getattr(row, "retired_at", None) is not None:
        return pill("lifecycle", "retired")
    return tone_pill("warn", _t("Discovered")) if getattr(row, "is_discovered", False) else ""


def upkeep_pill(row: Any, now: datetime) -> SafeString:
    """What a connection needs now."""
    return pill("upkeep", upkeep(expires_at=row.expires_at, rotated_at=row.rotated_at, every_days=row.rotate_every_days, now=now))


def words(value: str) -> str:
    """A machine word as people read it."""
    return value.upper() if value in _INITIALS else value.replace("-", " ").capitalize()


def team_choices() -> Choices:
    """All teams."""
    return [(team.slug, team.title) for team in teams.teams()]


def domain_choices() -> Choices:
    """All domains."""
    return [(row.slug, row.title) for row in selectors.domains()]


def system_choices() -> Choices:
    """All systems."""
    return [(row.slug, row.title) for row in selectors.systems()]


def environment_choices() -> Choices:
    """All environments in their order."""
    return [(row.slug, row.title) for row in selectors.environments()]


def template_choices() -> Choices:
    """All connection templates."""
    return [(row.slug, row.title) for row in connection_selectors.templates()]


def upkeep_choices() -> Choices:
    """What a connection may need, in the words of its pill."""
    return [(need.value, str(UPKEEP[need.value].word)) for need in Upkeep]


def listed(values: Any) -> Callable[[], Choices]:
    """The words of a closed list."""
    return lambda: [(value.value, words(value.value)) for value in values]


def yes_no() -> Choices:
    """For a filter on a fact."""
    return [("true", _t("Yes")), ("false", _t("No"))]
