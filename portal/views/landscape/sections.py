"""What hangs on one thing of the landscape: tables of the same shape, filled for each kind."""

from collections.abc import Callable, Iterable
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from catalog.domain.vocabulary import EntityKind
from catalog.selectors import components as component_selectors
from catalog.selectors import connected, landscape
from catalog.selectors.connections import sees_references
from portal.components import names
from portal.components.digests import digest_tag
from portal.components.status import pill
from portal.views.base import PortalRequest
from portal.views.landscape.cells import Cell, badge, link, team, text, upkeep_pill
from portal.views.landscape.kinds import KINDS, Kind

SHOWN = 200
Section = dict[str, Any]


def sections_of(kind: Kind, row: Any, request: PortalRequest) -> list[Section]:
    """The tables of this kind's page, in the order of what people come for."""
    return _SECTIONS[kind.noun.kind](row, request)


def section(title: str, headers: list[str], rows: Iterable[list[Cell]], icon: str, empty: str, hint: str = "", **act: str) -> Section:
    """One table. `act` is what to do when there is nothing: `url` and `action`, its words."""
    found = list(rows)
    told = {"title": title, "headers": headers, "icon": icon, "empty": empty, "hint": hint, "url": "", "action": "", **act}
    return {**told, "rows": found[:SHOWN], "cut": SHOWN if len(found) > SHOWN else 0}


def _integration(row: Any) -> Cell:
    return text(row.title, url=reverse("portal:integration", args=[row.slug]), sub=row.team.title)


def _system(row: Any, request: PortalRequest) -> list[Section]:
    ends = connected.endpoints_of_system(row, request.viewer)[: SHOWN + 1]
    objects = connected.data_objects_of(row, request.viewer)[: SHOWN + 1]
    return [
        section(
            _("Integrations that connect it"),
            [_("Integration"), _("Role"), _("Operation"), _("Data object")],
            (
                [
                    _integration(end.integration),
                    text(end.role.capitalize()),
                    text(end.operation),
                    link(EntityKind.DATA_OBJECT, end.data_object),
                ]
                for end in ends
            ),
            "link",
            _("No integration that you may see connects it"),
            _("Whoever registers an integration names the systems it joins."),
        ),
        section(
            _("Data objects"),
            [_("Data object"), _("Classification"), _("Personal data"), _("Here it is")],
            (
                [
                    link(EntityKind.DATA_OBJECT, each),
                    badge(pill("classification", each.classification)),
                    text(", ".join(each.personal_categories)),
                    text(_("kept") if each.system_of_record_id == row.pk else _("moved")),
                ]
                for each in objects
            ),
            "box",
            _("No data object is named here yet"),
        ),
        connections(system=row)(request),
    ]


def _data_object(row: Any, request: PortalRequest) -> list[Section]:
    ends = connected.endpoints_of_data_object(row, request.viewer)[: SHOWN + 1]
    return [
        section(
            _("Integrations that carry it"),
            [_("Integration"), _("Role"), _("Operation"), _("System"), _("Fields")],
            (
                [
                    _integration(end.integration),
                    text(end.role.capitalize()),
                    text(end.operation),
                    link(EntityKind.SYSTEM, end.system),
                    text(", ".join(end.fields_touched[:8])),
                ]
                for end in ends
            ),
            "link",
            _("No integration that you may see carries it"),
            _("Whoever registers an integration names the data objects it moves."),
        )
    ]


def _domain(row: Any, _request: PortalRequest) -> list[Section]:
    systems = connected.lying_in(row, landscape.systems())[: SHOWN + 1]
    objects = connected.lying_in(row, landscape.data_objects())[: SHOWN + 1]
    return [
        section(
            _("Domains in it"),
            [_("Domain"), _("Team")],
            ([link(EntityKind.DOMAIN, each), team(each)] for each in connected.domains_below(row)),
            "box",
            _("No domain lies in it"),
        ),
        section(
            _("Systems, with those of the domains below"),
            [_("System"), _("Domain"), _("Team")],
            ([link(EntityKind.SYSTEM, each), link(EntityKind.DOMAIN, each.domain), team(each)] for each in systems),
            "runtime",
            _("No system stands in it"),
            _("Edit a system to put it into a domain."),
        ),
        section(
            _("Data objects, with those of the domains below"),
            [_("Data object"), _("Domain"), _("Classification")],
            (
                [
                    link(EntityKind.DATA_OBJECT, each),
                    link(EntityKind.DOMAIN, each.domain),
                    badge(pill("classification", each.classification)),
                ]
                for each in objects
            ),
            "box",
            _("No data object stands in it"),
        ),
    ]


def _environment(row: Any, request: PortalRequest) -> list[Section]:
    live = connected.live_in(row, request.viewer)[: SHOWN + 1]
    return [
        section(
            _("What is live there"),
            [_("Integration"), _("Release"), _("Runtime")],
            ([_integration(each.integration), text(each.release.version), text(each.runtime_key)] for each in live),
            "deploy",
            _("Nothing that you may see is live there"),
            _("A release goes live when its change request is approved and delivered."),
        ),
        connections(environment=row)(request),
    ]


def _component(row: Any, request: PortalRequest) -> list[Section]:
    users = component_selectors.used_by(row, request.viewer)[: SHOWN + 1]
    return [
        section(
            _("Versions"),
            [_("Version"), _("Digest"), _("Published by"), _("Same content as")],
            (
                [
                    text(each.number, url=reverse("portal:component_version", args=[row.slug, each.number])),
                    badge(digest_tag(each.digest)),
                    text(each.created_by.display_name, url=names.url_of(each.created_by)),
                    text(each.identical_to),  # type: ignore[attr-defined]  # annotated
                ]
                for each in component_selectors.versions_of(row)[: SHOWN + 1]
            ),
            "box",
            _("No version is published yet"),
            _("A version is content under a digest: it never changes, and releases pin it."),
        ),
        section(
            _("Used by"),
            [_("Integration"), _("Release"), _("Pins version"), _("Live in")],
            (
                [
                    _integration(each.release.integration),
                    text(each.release.version),
                    text(each.component_version.number),
                    text(", ".join(each.live_in)),  # type: ignore[attr-defined]  # annotated
                ]
                for each in users
            ),
            "link",
            _("No release that you may see pins it"),
            _('A manifest pins it with {"component": "%(slug)s", "version": "…"} among its pins.') % {"slug": row.slug},
        ),
    ]


def _template(row: Any, request: PortalRequest) -> list[Section]:
    return [
        section(
            _("Slots"),
            [_("Slot"), _("Needed"), _("What it is")],
            (
                [text(slot["name"]), text(_("required") if slot["required"] else _("optional")), text(slot["description"])]
                for slot in row.slots
            ),
            "key",
            _("It has no slots: connections need no secret"),
        ),
        connections(template=row)(request),
    ]


def _connection(row: Any, request: PortalRequest) -> list[Section]:
    seen = sees_references(row, request.viewer)
    return [
        section(
            _("Where its secrets are kept"),
            [_("Slot"), _("Needed"), _("Reference")],
            (
                [
                    text(slot["name"], sub=slot["description"]),
                    text(_("required") if slot["required"] else _("optional")),
                    text(row.references.get(slot["name"], "")) if seen else {"locked": _("shown to the owning team")},
                ]
                for slot in row.template.slots
            ),
            "key",
            _("Its template has no slots: it needs no secret"),
        )
    ]


def connections(**ends: Any) -> Callable[[PortalRequest], Section]:
    """By environment; what needs a person says so. The end that the page is about has no column."""
    shown = [
        (name, words, kind)
        for name, words, kind in (
            ("environment", _("Environment"), EntityKind.ENVIRONMENT),
            ("system", _("System"), EntityKind.SYSTEM),
            ("template", _("Template"), EntityKind.CONNECTION_TEMPLATE),
        )
        if name not in ends
    ]

    def table(request: PortalRequest) -> Section:
        rows = connected.connections_of(**ends)[: SHOWN + 1]
        return section(
            _("Connections"),
            [_("Connection"), *(words for _name, words, _kind in shown), _("Upkeep"), _("Expires")],
            (
                [
                    link(EntityKind.CONNECTION, each, sub="" if "team" in ends else each.team.title),
                    *(link(kind, getattr(each, name)) for name, _words, kind in shown),
                    badge(upkeep_pill(each, request.now)),
                    {"at": each.expires_at} if each.expires_at else text(""),
                ]
                for each in rows
            ),
            "key",
            _("No connection is registered"),
            _("Members of a team register how it reaches a system in each environment."),
            **_new_connection(request, ends),
        )

    return table


def _new_connection(request: PortalRequest, ends: dict[str, Any]) -> dict[str, str]:
    kind = KINDS[EntityKind.CONNECTION]
    if not kind.may_register(request.viewer):
        return {}
    given = urlencode({name: end.slug for name, end in ends.items()})
    return {"url": f"{reverse('portal:connection_new')}?{given}", "action": str(kind.register_words)}


_SECTIONS: dict[EntityKind, Callable[[Any, PortalRequest], list[Section]]] = {
    EntityKind.SYSTEM: _system,
    EntityKind.DATA_OBJECT: _data_object,
    EntityKind.DOMAIN: _domain,
    EntityKind.ENVIRONMENT: _environment,
    EntityKind.COMPONENT: _component,
    EntityKind.CONNECTION_TEMPLATE: _template,
    EntityKind.CONNECTION: _connection,
}
