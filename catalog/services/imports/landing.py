"""Where drafts land: systems, data objects and free names, looked up once for a batch and registered once when they are new."""

from typing import Any

from accounts.selectors import teams
from catalog.domain.imports.drafts import EndpointDraft, FileDraft, SystemDraft
from catalog.domain.imports.words import slug_of
from catalog.domain.vocabulary import EntityKind
from catalog.models import DataObject, Name, System
from catalog.services import landscape
from catalog.services.imports.values import endpoint
from foundation.text import slug_key

MAX_SLUG = 63


class Landing:
    """The landscape as one batch sees it. Forget it when a transaction that registered something was rolled back."""

    def __init__(self, team: str) -> None:
        self._team = team
        self._systems: dict[str, str] = {}
        self._objects: dict[str, str] = {}
        self._numbers: dict[tuple[EntityKind, str], int] = {}

    def forget(self) -> None:
        """Look everything up anew."""
        self._systems.clear()
        self._objects.clear()
        self._numbers.clear()

    def settle(self, draft: FileDraft, created: list[dict[str, str]], by: dict[str, Any]) -> None:
        """Make sure that every system and data object of the file is there; what had to be registered is added to `created`."""
        self._find_systems([system.slug for system in draft.systems])
        for system in draft.systems:
            if system.slug not in self._systems:
                self._systems[system.slug] = self._discovered(system, by)
                created.append({"kind": EntityKind.SYSTEM, "slug": self._systems[system.slug]})
        wanted = {end.data_object for each in draft.integrations for end in each.endpoints if end.data_object}
        self._find_objects(sorted(wanted))
        for slug in sorted(wanted - self._objects.keys()):
            title = slug.replace("-", " ").capitalize()
            row = landscape.discover_data_object(slug=slug, title=title, team=self._team, **by)
            self._objects[slug] = row.slug
            created.append({"kind": EntityKind.DATA_OBJECT, "slug": row.slug})

    def ends(self, drafts: tuple[EndpointDraft, ...]) -> list[dict[str, Any]]:
        """The endpoints as commands take them, under the names that things have here. Two that became one are one."""
        found: dict[tuple[str, str | None, str, str], dict[str, Any]] = {}
        for end in drafts:
            data_object = self._objects[end.data_object] if end.data_object else None
            key = (self._systems[end.system], data_object, end.role, end.operation)
            found.setdefault(key, endpoint(*key, fields_touched=list(end.fields), cadence=end.cadence, address=end.address))
        return list(found.values())

    def free_slug(self, kind: EntityKind, title: str) -> str:
        """The title's slug, or the first of `-2`, `-3`, … that no other thing of the kind has or had.

        Numbers given once in the batch are not tried again, so that a thousand flows of one name cost a thousand look-ups.
        """
        base = slug_of(title) or kind.value
        number = self._numbers.get((kind, base), 1)
        while Name.objects.filter(kind=kind, key=slug_key(_numbered(base, number))).exists():
            number += 1
        self._numbers[kind, base] = number + 1
        return _numbered(base, number)

    def owners_told(self, owners: tuple[str, ...]) -> list[str]:
        """Whom of the owners that a file names is a team here; nobody is made of a name, and nothing handed over by it."""
        slugs = {owner: slug_of(owner.partition(":")[2] or owner).removeprefix("default-") for owner in owners if not _is_person(owner)}
        here = {team.slug for team in teams.teams().filter(slug_key__in={slug_key(slug) for slug in slugs.values()})} if slugs else set()
        known = sorted({slug for slug in slugs.values() if slug in here} - {self._team})
        strangers = sorted(owner for owner, slug in slugs.items() if slug not in here)
        return [
            f"A team here has the name of an owner: {', '.join(known)}. Hand over to it what is its own." if known else "",
            f"No team here is called {', '.join(strangers)[:200]}: choose who owns it." if strangers else "",
        ]

    def _find_systems(self, slugs: list[str]) -> None:
        missing = [slug for slug in slugs if slug not in self._systems]
        rows = System.objects.filter(tombstoned_at__isnull=True)
        self._systems |= _by_any_name(EntityKind.SYSTEM, rows, {slug: [slug] for slug in missing})

    def _find_objects(self, slugs: list[str]) -> None:
        """`order` also finds the `orders` that a person registered."""
        missing = {slug: [slug, slug + "s"] for slug in slugs if slug not in self._objects}
        rows = DataObject.objects.filter(tombstoned_at__isnull=True)
        self._objects |= _by_any_name(EntityKind.DATA_OBJECT, rows, missing)

    def _discovered(self, system: SystemDraft, by: dict[str, Any]) -> str:
        row = landscape.discover_system(slug=system.slug, title=system.title, kind=system.kind, team=self._team, **by)
        return row.slug


def _is_person(owner: str) -> bool:
    return owner.startswith("user:") or "@" in owner


def _numbered(base: str, number: int) -> str:
    ending = "" if number == 1 else f"-{number}"
    return base[: MAX_SLUG - len(ending)].rstrip("-") + ending


def _by_any_name(kind: EntityKind, rows: Any, wanted: dict[str, list[str]]) -> dict[str, str]:
    """{wanted slug: the slug it has now} for every one that has, or once had, one of the names."""
    keys = {slug_key(name) for names in wanted.values() for name in names}
    if not keys:
        return {}
    held = dict(Name.objects.filter(kind=kind, key__in=keys).values_list("key", "entity_id"))
    now = dict(rows.filter(pk__in=held.values()).values_list("pk", "slug"))
    found = {}
    for slug, names in wanted.items():
        ids = [held[slug_key(name)] for name in names if slug_key(name) in held]
        live = [now[pk] for pk in ids if pk in now]
        if live:
            found[slug] = live[0]
    return found
